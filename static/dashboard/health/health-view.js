import { element, noticeElement } from '../parts/dom.js'
import { poll } from '../parts/poll.js'
import { createActivity } from './activity.js'
import { createStanding } from './standing.js'
import { createTimeline } from './timeline.js'
import { words } from './words.js'

const PAUSE_MS = 5_000

/** How a user is doing now and what to do about it, what it sends and receives, and what happened to its connection. */
export function openHealth({ id, admin, askUser, onUnknownToken }) {
  const notice = noticeElement()
  const standing = createStanding(id, { hasDeliveries: Boolean(admin) })
  const timeline = createTimeline((query, signal) => askUser(`parley/me/timeline?${query}`, { signal }))
  const activity = createActivity({
    heading: 'h4',
    read: (span, signal) => askUser(`parley/me/series?span=${span}`, { signal }),
    onUnknownToken,
  })
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    standing.show(await askUser('parley/me/overview', { signal }))
    await timeline.look(signal)
    return PAUSE_MS
  }

  return {
    elements: [
      notice,
      standing.element,
      titled(words('activity'), activity.element),
      titled(words('timeline'), timeline.element),
    ],
    close() {
      polling.stop()
      activity.close()
    },
  }
}

function titled(textContent, body) {
  return element(
    'section',
    { className: 'health-part', aria: { label: textContent } },
    element('h3', { textContent }),
    body,
  )
}
