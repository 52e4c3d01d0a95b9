import { element } from '../parts/dom.js'
import { createField } from '../parts/fields.js'
import { createDeliveryList } from './delivery-list.js'
import { receiverName } from './names.js'
import { createReceiverPanel } from './receiver-panel.js'
import { createProgress, createRedrive } from './redrive.js'
import { ownDeliveries } from './source.js'
import { words } from './words.js'

/** The deliveries of one user, and how its webhooks are doing. */
export function openDeliveries({ askUser }) {
  const source = ownDeliveries(askUser)
  const progress = createProgress({ redrives: source.redrives, changed: () => list.lookNow() })
  const which = createField({ name: 'webhook', label: words('webhook'), kind: 'choice', options: [] })
  const choice = element('div', { className: 'filter', hidden: true }, which.elements)
  const place = element('div')
  let panel
  let panelOf

  // It is the user's token, which may have been changed a moment ago; nobody is signed out for it.
  const list = createDeliveryList({ source, before: look, onUnknownToken: () => {} })
  which.control.addEventListener('change', () => list.lookNow())
  void progress.resume()

  async function look(signal) {
    const targets = await source.webhooks(signal)
    for (const target of targets)
      if (![...which.control.options].some(({ value }) => value === target))
        which.control.add(new Option(receiverName(target), target))
    choice.hidden = which.control.options.length < 2
    list.offer({ targets })
    const target = which.value || 'user'
    if (panelOf !== target) {
      panelOf = target
      panel = createReceiverPanel({
        receiver: source.receiver(target),
        isOwn: true,
        progress,
        changed: () => list.lookNow(),
      })
      place.replaceChildren(panel.element)
    }
    await panel.look(signal)
  }

  return {
    elements: [
      choice,
      place,
      progress.element,
      ...list.elements,
      createRedrive({ source, which: () => ({ target: which.value || 'user' }), progress }),
    ],
    close() {
      progress.close()
      list.close()
    },
  }
}
