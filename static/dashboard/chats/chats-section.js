import { element } from '../parts/dom.js'
import { createChatList } from './chat-list.js'
import { createChatsApi } from './chats-api.js'
import { openConversation } from './conversation.js'
import { listenLive } from './live.js'
import { lineOf, phoneText, writerOf } from './message-words.js'
import { outgoingOf } from './outgoing.js'
import { createPictures } from './pictures.js'
import { askWhetherMaySend } from './power.js'
import { words } from './words.js'

/** As much of a message as is read aloud when it comes. */
const MAX_SPOKEN = 200
const READS_ON_OPEN = 'parley.reads-on-open'

/**
 * The chats of a user: the list, and the conversation that the address names; side by side where there is room.
 * @param {object} context of the sections
 */
export function openChats({ id, askUser, server, currentUser }) {
  const api = createChatsApi(askUser)
  const outgoing = outgoingOf(id)
  const pictures = createPictures(api)
  const closing = new AbortController()
  const spoken = element('p', { className: 'unseen', attributes: { role: 'status' } })
  const connection = element('p', { className: 'hint chat-connection', attributes: { role: 'status' } })
  const reads = createReadsChoice()
  const nothing = element('p', { className: 'hint no-chat', textContent: words('chooseChat') })
  const place = element('div', { className: 'chat-place' }, nothing)
  const view = element('div', { className: 'chats' }, spoken)
  let maySend = false
  let list
  let open
  let wanted = ''
  let shown
  let user = currentUser()
  const live = listenLive({
    open: api.live,
    onEvent: hear,
    onReset: lookAgain,
    onState: (isLive) => (connection.textContent = isLive ? '' : words('notLive')),
  })
  void start()

  async function start() {
    maySend = await askWhetherMaySend({ askUser, server, signal: closing.signal })
    if (closing.signal.aborted) return
    list = createChatList({ user: id, api, pictures, maySend, extra: [maySend && reads.element, connection] })
    view.append(list.element, place)
    list.mark(wanted)
    await list.look()
    await show(wanted, false)
  }

  /** Opens the conversation with a chat, or none for ''. */
  async function show(chat, takesFocus) {
    if (!list || shown === chat) return
    shown = chat
    const before = open?.chat
    open?.close()
    open = undefined
    list.mark(chat)
    view.classList.toggle('with-chat', chat !== '')
    if (chat === '') {
      place.replaceChildren(nothing)
      if (before && takesFocus) list.focus(before)
      return
    }
    const found = list.find(chat) ?? (await api.chat(chat, closing.signal).catch(() => unknownChat(chat)))
    // Another may have been chosen meanwhile.
    if (wanted !== chat || closing.signal.aborted || open) return
    list.mark(found.chat)
    open = openConversation({
      user: id,
      chat: found,
      api,
      pictures,
      outgoing,
      maySend,
      readsOnOpen: reads.isOn,
      onChat: showChat,
    })
    open.showConnected(isConnected())
    place.replaceChildren(open.element)
    if (takesFocus) open.focus()
  }

  function isConnected() {
    return Boolean(user?.connected && user?.loggedIn)
  }

  /** What the server tells while it happens. */
  function hear(name, data) {
    if (!list) return
    if (name === 'message' || name === 'changed') takeMessage(data, name === 'message')
    if (name === 'chat') showChat(data)
  }

  function takeMessage(message, isNew) {
    if (open?.chat === message.chat) open.take(message)
    if (!isNew || message.fromMe) return
    spoken.textContent = words('spokenMessage', {
      who: writerOf(message),
      text: lineOf(message).slice(0, MAX_SPOKEN),
    })
  }

  function showChat(chat) {
    list.take(chat)
    if (open?.chat === chat.chat) open.showChat(chat)
  }

  function lookAgain() {
    void list?.look()
    open?.lookAgain()
  }

  return {
    elements: [view],
    enter(chat) {
      wanted = chat
      void show(chat, true)
    },
    show(now) {
      user = now
      open?.showConnected(isConnected())
    },
    close() {
      closing.abort()
      live.close()
      open?.close()
      list?.close()
      pictures.close()
    },
  }
}

/** Somebody who has never been written to. */
function unknownChat(chat) {
  const kind = chat.endsWith('@g.us') ? 'group' : chat.endsWith('@newsletter') ? 'channel' : 'person'
  return { chat, kind, name: '', phone: phoneText(chat), unread: 0, lastAt: 0 }
}

/** Whether the senders are told that their messages were read as soon as their chat is looked at here. */
function createReadsChoice() {
  const box = element('input', { type: 'checkbox', id: 'reads-on-open', checked: kept() !== 'no' })
  box.addEventListener('change', () => {
    try {
      localStorage.setItem(READS_ON_OPEN, box.checked ? 'yes' : 'no')
    } catch {
      // Browsers may keep nothing: then it is for this page only.
    }
  })
  return {
    element: element(
      'div',
      { className: 'check' },
      box,
      element('label', { htmlFor: box.id, textContent: words('readsOnOpen') }),
    ),
    isOn: () => box.checked,
  }
}

function kept() {
  try {
    return localStorage.getItem(READS_ON_OPEN)
  } catch {
    return null
  }
}
