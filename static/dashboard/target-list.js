import { ask } from '../api.js'
import { element, noticeElement } from './parts/dom.js'
import { poll } from './parts/poll.js'
import { createRows } from './parts/rows.js'
import { createTargetPanel } from './target-panel.js'

const PAUSE_MS = 5_000

const SHARED = { global: 'Webhook of all users', amqp: 'Message queue' }

/**
 * The receivers all users share, and those of users that fail, are paused, fetched from or waited for.
 * @param {(id: string) => string} nameOf the name of the user with this id
 */
export function createTargetList({ admin, nameOf, onUnknownToken, changed }) {
  const notice = noticeElement()
  const hint = element('p', {
    className: 'hint',
    textContent: 'All receivers answer, and nothing waits for them.',
    hidden: true,
  })
  const list = element('div', { className: 'target-list', hidden: true })
  const rows = createRows(list, (target) => {
    const panel = createTargetPanel({
      admin,
      target: target.id,
      title: () => titleOf(target, nameOf),
      changed: () => {
        polling.now()
        changed()
      },
    })
    return { element: panel.element, show: panel.show }
  })
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    const { targets } = await ask('parley/targets', { admin, signal })
    rows.show(targets)
    list.hidden = targets.length === 0
    hint.hidden = targets.length > 0
    return PAUSE_MS
  }

  return {
    element: element(
      'section',
      { aria: { label: 'Receivers' } },
      element('h2', { className: 'section-title', textContent: 'Receivers' }),
      hint,
      list,
      notice,
    ),
    close: () => polling.stop(),
  }
}

function titleOf({ id, userId }, nameOf) {
  if (SHARED[id]) return SHARED[id]
  const kind = id.split(':')[0]
  return `${nameOf(userId)}: ${kind === 'user' ? 'webhook' : kind}`
}
