import { advise } from '../../api.js'
import { sayIn, setText } from '../../page.js'
import { query } from '../chats/chats-api.js'
import { phoneText } from '../chats/message-words.js'
import { createInitials } from '../chats/pictures.js'
import { element, noticeElement } from '../parts/dom.js'
import { createRows } from '../parts/rows.js'
import { userAddress } from '../route.js'
import { words } from './words.js'

const SEARCH_AFTER_MS = 250
/** More members than anybody reads in a list; WhatsApp shows them all. */
const MAX_MEMBERS = 1_024

/** The groups of a user, with search; the name leads to the chat, and the members unfold. */
export function openGroups({ id, askUser, currentUser }) {
  const closing = new AbortController()
  let asked = 0
  let waiting
  let isConnected = connected(currentUser())
  const notice = noticeElement()
  const summary = element('p', {
    className: 'hint',
    attributes: { role: 'status' },
    textContent: words('asking'),
  })
  const search = element('input', {
    type: 'search',
    placeholder: words('searchHint'),
    aria: { label: words('search') },
    on: { input: lookSoon },
  })
  const list = element('ul', { className: 'card row-list group-rows', hidden: true })
  const rows = createRows(list, (row) => createRow(row, { user: id, membersOf }))
  void look()

  function lookSoon() {
    clearTimeout(waiting)
    waiting = setTimeout(() => void look(), SEARCH_AFTER_MS)
  }

  async function look() {
    asked += 1
    const question = asked
    try {
      const wanted = query({ search: search.value.trim() })
      const { groups } = await askUser(`parley/me/groups?${wanted}`, { signal: closing.signal })
      if (question !== asked) return
      sayIn(notice, '')
      rows.show(groups.map((group) => ({ id: group.jid, group })))
      list.hidden = groups.length === 0
      setText(summary, summaryOf(groups.length))
    } catch (error) {
      if (error.name === 'AbortError' || question !== asked) return
      setText(summary, '')
      sayIn(notice, advise(error))
    }
  }

  function summaryOf(count) {
    if (count > 0) return words('count', { count })
    return words(search.value.trim() ? 'noneFound' : 'none')
  }

  function membersOf(group) {
    return askUser(`parley/me/groups/${encodeURIComponent(group)}`, { signal: closing.signal })
  }

  return {
    elements: [search, summary, notice, list],
    /** Groups are asked of WhatsApp, so they can be read once the session is there. */
    show(user) {
      if (!isConnected && connected(user)) void look()
      isConnected = connected(user)
    },
    close() {
      closing.abort()
      clearTimeout(waiting)
    },
  }
}

function createRow({ id: jid }, { user, membersOf }) {
  const name = element('a', { href: userAddress(user, 'chats', jid), dir: 'auto' })
  const initials = createInitials()
  const facts = element('span', { className: 'row-detail' })
  const body = element('div', { className: 'members' })
  const summary = element('summary', { textContent: words('members') })
  const details = element('details', {}, summary, body)
  details.addEventListener('toggle', () => details.open && void load())
  const item = element(
    'li',
    {},
    initials.element,
    element('div', { className: 'row-name' }, name, facts),
    details,
  )

  async function load() {
    try {
      const { members } = await membersOf(jid)
      body.replaceChildren(
        element('ul', { className: 'member-list' }, members.slice(0, MAX_MEMBERS).map(memberItem)),
      )
    } catch (error) {
      if (error.name !== 'AbortError')
        body.replaceChildren(element('p', { className: 'notice bad', textContent: advise(error) }))
    }
  }

  function memberItem({ jid: member, phone, name: memberName, admin }) {
    const number = phone || phoneText(member)
    const called = memberName || number || words('noNumber')
    return element(
      'li',
      {},
      element('a', { href: userAddress(user, 'chats', member), textContent: called, dir: 'auto' }),
      element('span', { className: 'row-account', textContent: called === number ? '' : number }),
      admin &&
        element('span', {
          className: 'hint',
          textContent: words(admin === 'superadmin' ? 'owner' : 'admin'),
        }),
    )
  }

  return {
    element: item,
    show({ group }) {
      setText(name, group.name || words('noName'))
      initials.show(name.textContent)
      setText(facts, factsOf(group).join(', '))
      summary.setAttribute('aria-label', words('membersOf', { name: name.textContent }))
    },
  }
}

function factsOf({ participants, admin, announce, community }) {
  return [
    words('participants', { count: participants }),
    admin && words('youAdmin'),
    announce && words('adminsWrite'),
    community && words('community'),
  ].filter(Boolean)
}

function connected(user) {
  return Boolean(user?.connected && user?.loggedIn)
}
