import { element } from '../parts/dom.js'
import { createDeliveryList } from './delivery-list.js'
import { createReceiverList } from './receiver-list.js'
import { createProgress, createRedrive } from './redrive.js'
import { allDeliveries } from './source.js'
import { words } from './words.js'

/** More users than anybody chooses among are found in their own views. */
const MOST_CHOICES = 500

/** The last deliveries of all users, and their receivers. */
export function openDeliveriesView({ admin, onUnknownToken }) {
  const source = allDeliveries(admin)
  let names = new Map()
  const nameOf = (id) => names.get(id) ?? id
  const progress = createProgress({ redrives: source.redrives, changed: () => list.lookNow() })
  const list = createDeliveryList({
    source,
    nameOf,
    isOfAll: true,
    onUnknownToken,
  })
  const receivers = createReceiverList({ source, nameOf, progress, onUnknownToken, changed: list.lookNow })
  void progress.resume()
  void learnNames()

  async function learnNames() {
    // Without them the ids are shown.
    const users = await source.users().catch(() => [])
    names = new Map(users.map(({ id, name }) => [id, name || words('noName')]))
    list.offer({ users: [...names].slice(0, MOST_CHOICES) })
  }

  return {
    element: element(
      'section',
      { aria: { labelledby: 'view-title' } },
      element('h1', { id: 'view-title', textContent: words('deliveries') }),
      element('p', { className: 'lead', textContent: words('lead') }),
      receivers.element,
      progress.element,
      element('h2', { className: 'section-title', textContent: words('lastOnes') }),
      ...list.elements,
      createRedrive({ source, which: () => ({}), progress }),
    ),
    close() {
      progress.close()
      receivers.close()
      list.close()
    },
  }
}
