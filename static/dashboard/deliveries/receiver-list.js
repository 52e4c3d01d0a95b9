import { element, noticeElement } from '../parts/dom.js'
import { poll } from '../parts/poll.js'
import { createRows } from '../parts/rows.js'
import { receiverName } from './names.js'
import { createReceiverPanel } from './receiver-panel.js'
import { SHARED } from './source.js'
import { words } from './words.js'

const PAUSE_MS = 5_000

/**
 * The receivers all users share, and those of users that fail, are paused, fetched from or waited for.
 * @param {(id: string) => string} nameOf the name of the user with this id
 */
export function createReceiverList({ source, nameOf, progress, onUnknownToken, changed }) {
  const notice = noticeElement()
  const hint = element('p', { className: 'hint', textContent: words('allWell'), hidden: true })
  const list = element('div', { className: 'target-list', hidden: true })
  const rows = createRows(list, ({ id, userId }) =>
    createReceiverPanel({
      receiver: source.receiver(id),
      isOwn: !SHARED.includes(id),
      title: () => titleOf({ id, userId }, nameOf),
      progress,
      changed: () => {
        polling.now()
        changed()
      },
    }),
  )
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    const receivers = await source.receivers(signal)
    rows.show(receivers)
    list.hidden = receivers.length === 0
    hint.hidden = receivers.length > 0
    return PAUSE_MS
  }

  return {
    element: element(
      'section',
      { aria: { label: words('receivers') } },
      element('h2', { className: 'section-title', textContent: words('receivers') }),
      hint,
      list,
      notice,
    ),
    close: () => polling.stop(),
  }
}

function titleOf({ id, userId }, nameOf) {
  const [slot, owner = ''] = id.split(':')
  const key = owner.split('/')[1]
  const name = receiverName(key ? `${slot}/${key}` : slot)
  return userId ? words('ofUser', { user: nameOf(userId), name }) : name
}
