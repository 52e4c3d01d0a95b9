import { advise } from '../../api.js'
import { sayIn, setText, whileBusy } from '../../page.js'
import { query } from '../chats/chats-api.js'
import { phoneText } from '../chats/message-words.js'
import { createInitials } from '../chats/pictures.js'
import { element, noticeElement } from '../parts/dom.js'
import { createRows } from '../parts/rows.js'
import { userAddress } from '../route.js'
import { words } from './words.js'

const SEARCH_AFTER_MS = 250

/** The people a user knows, each once, with search; the name leads to the chat. */
export function openContacts({ id, askUser }) {
  const closing = new AbortController()
  let contacts = []
  let next
  let asked = 0
  let waiting
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
  const list = element('ul', { className: 'card row-list link-rows contact-rows', hidden: true })
  const rows = createRows(list, () => createRow(id))
  const more = element('button', { type: 'button', textContent: words('more'), hidden: true })
  more.addEventListener('click', () => whileBusy(more, () => look(next)))
  void look()

  function lookSoon() {
    clearTimeout(waiting)
    waiting = setTimeout(() => void look(), SEARCH_AFTER_MS)
  }

  /** Reads the first page of what is searched for, or the one after those that are shown. */
  async function look(before) {
    asked += 1
    const question = asked
    try {
      const wanted = query({ search: search.value.trim(), before })
      const page = await askUser(`parley/me/contacts?${wanted}`, { signal: closing.signal })
      if (question !== asked) return
      contacts = before ? [...contacts, ...page.contacts] : page.contacts
      next = page.next
      sayIn(notice, '')
      show()
    } catch (error) {
      if (error.name !== 'AbortError' && question === asked) sayIn(notice, advise(error))
    }
  }

  function show() {
    rows.show(contacts.map((contact) => ({ id: contact.jid, contact })))
    list.hidden = contacts.length === 0
    more.hidden = !next
    setText(summary, summaryOf())
  }

  function summaryOf() {
    if (contacts.length > 0) return words(next ? 'shown' : 'all', { count: contacts.length })
    return words(search.value.trim() ? 'nobodyFound' : 'nobody')
  }

  return {
    elements: [search, summary, notice, list, more],
    close() {
      closing.abort()
      clearTimeout(waiting)
    },
  }
}

function createRow(user) {
  const initials = createInitials()
  const name = element('a', { dir: 'auto' })
  const business = element('span', { className: 'row-detail', dir: 'auto' })
  const phone = element('span', { className: 'row-account' })
  const lid = element('span', { className: 'row-webhook' })
  const item = element(
    'li',
    {},
    initials.element,
    element('div', { className: 'row-name' }, name, business),
    phone,
    lid,
  )
  return {
    element: item,
    show({ contact }) {
      const number = contact.phone || phoneText(contact.jid)
      name.href = userAddress(user, 'chats', contact.jid)
      const called = contact.name || contact.pushName || number || contact.jid
      initials.show(called)
      setText(name, called)
      setText(business, besides(contact))
      setText(phone, number || words('noNumber'))
      setText(lid, contact.lid ? words('lid', { lid: contact.lid.split('@')[0] }) : '')
    },
  }
}

/** What else a person is called. */
function besides({ name, pushName, businessName, verified }) {
  const others = [
    name && pushName && pushName !== name && words('callsThemselves', { name: pushName }),
    businessName && words(verified ? 'verifiedBusiness' : 'business', { name: businessName }),
  ]
  return others.filter(Boolean).join(', ')
}
