import { advise } from '../../api.js'
import { sayIn, setText } from '../../page.js'
import { element, noticeElement } from '../parts/dom.js'
import { createRows } from '../parts/rows.js'
import { userAddress } from '../route.js'
import { badgeText, lineOf, nameOfChat, stateText, writerOf } from './message-words.js'
import { shortMoment } from './times.js'
import { words } from './words.js'

/** Somebody who types is not asked for at each letter. */
const SEARCH_AFTER_MS = 250
/** What can be a phone number: with these digits somebody new can be written to. */
const NUMBER = /^\+?[\d\s().-]{7,24}$/

/**
 * The chats of a user, the latest first, with search; kept current by what `take` is told.
 * @param {object} given
 * @param {boolean} given.maySend whether somebody new can be written to
 */
export function createChatList({ user, api, pictures, maySend, extra }) {
  const closing = new AbortController()
  let chats = new Map()
  let next
  let current = ''
  let asked = 0
  let waiting

  const notice = noticeElement()
  const summary = element('p', { className: 'hint', attributes: { role: 'status' } })
  const search = element('input', {
    type: 'search',
    placeholder: words('searchHint'),
    aria: { label: words('searchChats') },
    on: { input: lookSoon },
  })
  const unread = element('input', { type: 'checkbox', id: 'unread-only', on: { change: () => void look() } })
  const newChat = element('a', { className: 'new-chat', hidden: true })
  const list = element('ul', { className: 'chat-list', aria: { label: words('chats') } })
  const rows = createRows(list, () =>
    createChatRow({ user, pictures, isCurrent: (chat) => chat === current }),
  )
  const more = element('button', {
    type: 'button',
    className: 'quiet',
    textContent: words('moreChats'),
    hidden: true,
    on: { click: () => void lookFurther() },
  })
  // Whoever scrolls to the end wants more.
  const seeing = new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting) && !more.hidden) void lookFurther()
  })
  seeing.observe(more)

  function lookSoon() {
    clearTimeout(waiting)
    waiting = setTimeout(() => void look(), SEARCH_AFTER_MS)
  }

  function wanted() {
    return { search: search.value.trim(), unread: unread.checked }
  }

  /** Reads the first page of what is wanted; an answer that another question has overtaken is dropped. */
  async function look() {
    asked += 1
    const question = asked
    try {
      const page = await api.chats(wanted(), closing.signal)
      if (question !== asked) return
      chats = new Map(page.chats.map((chat) => [chat.chat, chat]))
      next = page.next
      sayIn(notice, '')
      show()
    } catch (error) {
      if (error.name !== 'AbortError' && question === asked) sayIn(notice, advise(error))
    }
  }

  async function lookFurther() {
    if (!next || more.getAttribute('aria-busy') === 'true') return
    const question = asked
    more.setAttribute('aria-busy', 'true')
    try {
      const page = await api.chats({ ...wanted(), before: next }, closing.signal)
      if (question !== asked) return
      for (const chat of page.chats) if (!chats.has(chat.chat)) chats.set(chat.chat, chat)
      next = page.next
      show()
    } catch (error) {
      if (error.name !== 'AbortError') sayIn(notice, advise(error))
    } finally {
      more.removeAttribute('aria-busy')
    }
  }

  function show() {
    const sorted = [...chats.values()].sort((one, other) => other.lastAt - one.lastAt)
    rows.show(sorted.map((chat) => ({ id: chat.chat, chat })))
    more.hidden = !next
    // Where the end is still in view, it is told of again.
    seeing.unobserve(more)
    seeing.observe(more)
    setText(summary, summaryOf(sorted.length))
    showNewChat()
  }

  function summaryOf(count) {
    const { search: text, unread: isUnread } = wanted()
    if (count > 0) return text && !next ? words('found', { count }) : ''
    if (next) return words('searching')
    return words(text ? 'nothingFound' : isUnread ? 'nothingUnread' : 'noChats')
  }

  /** A number that is searched for can be written to, whether or not there was a chat with it. */
  function showNewChat() {
    const text = search.value.trim()
    const digits = text.replace(/\D/g, '')
    const isNumber = maySend && NUMBER.test(text) && digits.length >= 7 && digits.length <= 15
    newChat.hidden = !isNumber
    if (!isNumber) return
    newChat.href = userAddress(user, 'chats', `${digits}@s.whatsapp.net`)
    setText(newChat, words('writeTo', { number: `+${digits}` }))
  }

  return {
    element: element(
      'section',
      { className: 'chat-side', aria: { label: words('chats') } },
      element(
        'div',
        { className: 'chat-search' },
        search,
        element(
          'div',
          { className: 'check' },
          unread,
          element('label', { htmlFor: unread.id, textContent: words('unreadOnly') }),
        ),
        newChat,
        summary,
        notice,
      ),
      element('div', { className: 'chat-scroll' }, list, more),
      extra,
    ),
    look,
    /** A chat as it is now. While something is searched for, only what was found changes. */
    take(chat) {
      const { search: text, unread: isUnread } = wanted()
      if ((text || isUnread) && !chats.has(chat.chat)) return
      chats.set(chat.chat, chat)
      show()
    },
    find: (chat) => chats.get(chat),
    /** Marks the chat that is open; '' for none. */
    mark(chat) {
      current = chat
      show()
    },
    /** Gives the focus to the row of a chat, or to the search. */
    focus(chat) {
      const row = [...list.querySelectorAll('a')].find(({ dataset }) => dataset.chat === chat)
      ;(row ?? search).focus()
    },
    close() {
      closing.abort()
      clearTimeout(waiting)
      seeing.disconnect()
    },
  }
}

function createChatRow({ user, pictures, isCurrent }) {
  const picture = pictures.create()
  const name = element('b', { className: 'chat-name', dir: 'auto' })
  const moment = element('time')
  const line = element('span', { className: 'chat-line', dir: 'auto' })
  const marks = element('small', { className: 'chat-marks' })
  const count = element('span', { className: 'badge', aria: { hidden: 'true' } })
  const countWords = element('span', { className: 'unseen' })
  const link = element(
    'a',
    {},
    picture.element,
    element('span', { className: 'chat-row-top' }, name, moment),
    element('span', { className: 'chat-row-bottom' }, line, marks, count, countWords),
  )

  return {
    element: element('li', {}, link),
    show({ chat }) {
      const { unread, lastAt, last } = chat
      link.href = userAddress(user, 'chats', chat.chat)
      link.dataset.chat = chat.chat
      link.classList.toggle('unread', unread > 0)
      if (isCurrent(chat.chat)) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
      picture.show(chat)
      setText(name, nameOfChat(chat))
      setText(moment, lastAt ? shortMoment(lastAt) : '')
      setText(line, last ? lineOfLast(last, chat) : '')
      const isFailed = last?.state?.status === 'failed'
      line.classList.toggle('failed', isFailed)
      setText(marks, marksOf(chat).join(', '))
      count.hidden = !(unread > 0)
      setText(count, badgeText(unread))
      setText(countWords, unread > 0 ? words('unreadCount', { count: unread }) : '')
    },
  }
}

/** The latest message in a line: who wrote it where that is not clear, and what became of an own one. */
function lineOfLast(last, { kind }) {
  const said = lineOf(last).slice(0, 200)
  if (last.state?.status === 'failed') return words('lineOfKind', { kind: stateText(last.state), text: said })
  return last.fromMe || kind === 'group' ? words('lineOfKind', { kind: writerOf(last), text: said }) : said
}

function marksOf({ pinned, muted, archived }) {
  return [pinned && words('pinned'), muted && words('muted'), archived && words('archived')].filter(Boolean)
}
