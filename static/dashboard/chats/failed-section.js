import { advise } from '../../api.js'
import { sayIn, setText, whileBusy } from '../../page.js'
import { element, noticeElement } from '../parts/dom.js'
import { poll } from '../parts/poll.js'
import { createRows } from '../parts/rows.js'
import { userAddress } from '../route.js'
import { createChatsApi } from './chats-api.js'
import { lineOf, nameOfChat, phoneText, reasonText } from './message-words.js'
import { askWhetherMaySend } from './power.js'
import { mediumMoment } from './times.js'
import { words } from './words.js'

const PAUSE_MS = 5_000
/** How many the server gives at once. */
const PAGE = 50

/** The messages of a user that were not sent: to whom, what, why, and a way to send each again. */
export function openFailed({ id, askUser, server }) {
  const api = createChatsApi(askUser)
  const closing = new AbortController()
  /** What is shown of each beside its state, by id; looked up once. */
  const known = new Map()
  const repeated = new Set()
  let older = []
  let next
  let maySend = false
  const notice = noticeElement()
  const summary = element('p', {
    className: 'hint',
    attributes: { role: 'status' },
    textContent: words('asking'),
  })
  const list = element('ul', { className: 'card row-list failed-rows', hidden: true })
  const rows = createRows(list, createRow)
  const more = element('button', { type: 'button', textContent: words('moreFailed'), hidden: true })
  more.addEventListener('click', () => whileBusy(more, lookFurther))
  const asking = askWhetherMaySend({ askUser, server, signal: closing.signal })
  // It is the user's token, which may have been changed a moment ago; nobody is signed out for it.
  const polling = poll({ look, notice, onUnknownToken: () => {} })

  async function look(signal) {
    maySend = await asking
    const { messages } = await api.failed({}, signal)
    if (older.length === 0) next = cursorAfter(messages)
    await show(messages)
    return PAUSE_MS
  }

  async function lookFurther() {
    try {
      const { messages } = await api.failed({ before: next }, closing.signal)
      older = [...older, ...messages]
      next = cursorAfter(messages)
      polling.now()
    } catch (error) {
      sayIn(notice, advise(error))
    }
  }

  async function show(latest) {
    const seen = new Set(latest.map((message) => message.id))
    const all = [...latest, ...older.filter((message) => !seen.has(message.id))]
    // One after the other: there may be hundreds, and they are looked up once.
    for (const message of all) if (!known.has(message.id)) known.set(message.id, await lookUp(message))
    rows.show(all)
    list.hidden = all.length === 0
    more.hidden = next === undefined
    setText(summary, all.length > 0 ? words('failedCount', { count: all.length }) : words('noneFailed'))
  }

  /** The name of the chat and the message in a line. Without them there is still the number, and why. */
  async function lookUp({ id: messageId, chat }) {
    const [found, message] = await Promise.all([
      api.chat(chat, closing.signal).catch(() => undefined),
      api.message(chat, messageId, closing.signal).catch(() => undefined),
    ])
    const name = found ? nameOfChat(found) : phoneText(chat) || chat
    return { name, line: message ? lineOf(message) : '' }
  }

  function createRow({ id: messageId, chat }) {
    const name = element('a', { href: userAddress(id, 'chats', chat), dir: 'auto' })
    const line = element('span', { dir: 'auto' })
    const reason = element('span', { className: 'row-state' })
    const moment = element('time')
    const again = element('button', { type: 'button', className: 'row-action' })
    again.addEventListener('click', () => whileBusy(again, repeat))

    async function repeat() {
      try {
        await api.repeat(messageId)
        repeated.add(messageId)
        sayIn(notice, words('onItsWay'), 'good')
        polling.now()
      } catch (error) {
        sayIn(notice, advise(error))
      }
    }

    return {
      element: element(
        'li',
        { dataset: { delivery: 'dead' } },
        element('span', { className: 'mark', aria: { hidden: 'true' } }),
        element('div', { className: 'row-name' }, name, line),
        element('div', { className: 'row-name' }, reason, moment),
        again,
      ),
      show(message) {
        const about = known.get(messageId)
        setText(name, about.name)
        setText(line, about.line.slice(0, 200))
        setText(reason, reasonText(message))
        setText(moment, mediumMoment(message.failedAt ?? message.acceptedAt))
        again.hidden = !maySend
        again.disabled = repeated.has(messageId)
        setText(again, words(repeated.has(messageId) ? 'sentAgain' : 'sendAgain'))
        again.setAttribute('aria-label', words('sendAgainTo', { what: again.textContent, name: about.name }))
      },
    }
  }

  return {
    elements: [notice, summary, list, more],
    close() {
      polling.stop()
      closing.abort()
    },
  }
}

/** Where the next page begins; undefined after the last one. */
function cursorAfter(messages) {
  return messages.length < PAGE ? undefined : messages.at(-1).acceptedAt
}
