import { advise } from '../../api.js'
import { sayIn, setText, whileBusy } from '../../page.js'
import { element, noticeElement } from '../parts/dom.js'
import { userAddress } from '../route.js'
import { acceptDrops, createComposer } from './composer.js'
import { createFiles } from './files.js'
import { createMessageBook } from './message-book.js'
import { createMessageLog } from './message-log.js'
import { detailOfChat, nameOfChat } from './message-words.js'
import { words } from './words.js'

/** Pages that are fetched to find a message that is answered. */
const MAX_PAGES_BACK = 20
/** Messages that come at once are told as read at once. */
const READ_AFTER_MS = 400
/** Where nobody writes back: the statuses of others, and channels, to which only their owners write. */
const READ_ONLY = ['status', 'channel', 'broadcast']
/**
 * One conversation: its messages, and where to write the next one.
 * @param {object} given
 * @param {string} given.user id of the user, for addresses
 * @param {object} given.chat as the server tells it
 * @param {boolean} given.maySend
 * @param {() => boolean} given.readsOnOpen whether what is looked at counts as read
 * @param {(chat: object) => void} given.onChat what is known of the chat has changed by what was done here
 */
export function openConversation({ user, chat, api, pictures, outgoing, maySend, readsOnOpen, onChat }) {
  const closing = new AbortController()
  const book = createMessageBook()
  const localFiles = new Map()
  const files = createFiles((id, signal) => api.file(chat.chat, id, signal))
  const writes = maySend && !READ_ONLY.includes(chat.kind)
  let shown = chat
  let next
  let isComplete = false
  let isFetching = false
  let loading
  let keepsUnread = false
  let reading

  const notice = noticeElement()
  const picture = pictures.create()
  const title = element('h3', { className: 'chat-title', tabIndex: -1, dir: 'auto' })
  const detail = element('p', { className: 'hint' })
  const readButton = element('button', { type: 'button', className: 'quiet small', hidden: !maySend })
  const toEnd = element('button', { type: 'button', className: 'small to-end', hidden: true })
  const log = createMessageLog({
    isGroup: chat.kind !== 'person',
    actions: {
      maySend: writes,
      fileOf,
      jumpTo,
      reply: (message) => composer.reply(message),
      react,
      sendAgain,
    },
    onStart: () => void loadOlder(),
    onMove: (isAtEnd) => {
      toEnd.hidden = isAtEnd
      if (isAtEnd) setText(toEnd, words('toEnd'))
    },
  })
  const composer = writes
    ? createComposer({
        name: nameOfChat(chat),
        draft: outgoing.drafts.get(chat.chat),
        send,
        keepDraft: (draft) => outgoing.drafts.set(chat.chat, draft),
      })
    : undefined
  const place = element(
    'section',
    { className: 'conversation', aria: { label: words('chatWith', { name: nameOfChat(chat) }) } },
    element(
      'header',
      { className: 'chat-head' },
      element(
        'a',
        { className: 'chat-back', href: userAddress(user, 'chats') },
        words('back'),
        element('span', { className: 'unseen', textContent: ` ${words('toAllChats')}` }),
      ),
      picture.element,
      element('div', { className: 'chat-names' }, title, detail),
      readButton,
    ),
    notice,
    element('div', { className: 'log-place' }, log.element, toEnd),
    composer
      ? composer.element
      : element('p', { className: 'hint no-composer', textContent: words(whyNoComposer()) }),
  )
  const stopListening = outgoing.listen((changed) => changed === chat.chat && show())
  if (composer)
    acceptDrops(place, { text: words('dropHere', { name: nameOfChat(chat) }), onFiles: composer.addFiles })
  toEnd.addEventListener('click', () => {
    log.toEnd()
    if (composer) composer.focus()
    else title.focus()
  })
  readButton.addEventListener('click', () => whileBusy(readButton, toggleRead))
  document.addEventListener('visibilitychange', readSoon, { signal: closing.signal })
  showChat(chat)
  void loadOlder()

  function whyNoComposer() {
    return maySend ? 'noWriting' : 'mayNotSend'
  }

  function show() {
    log.show(book.all(outgoing.pending(chat.chat)), { isLoading: isFetching, isComplete })
  }

  function showChat(now) {
    shown = now
    picture.show(now)
    setText(title, nameOfChat(now))
    setText(detail, detailOfChat(now))
    setText(readButton, words(now.unread > 0 ? 'markRead' : 'markUnread'))
    readSoon()
  }

  /** Fetches the next older page; the first one is the latest. */
  function loadOlder() {
    if (isComplete) return undefined
    loading ??= fetchOlder().finally(() => {
      loading = undefined
      isFetching = false
      show()
      if (!isComplete) log.lookForStart()
    })
    return loading
  }

  async function fetchOlder() {
    isFetching = true
    show()
    try {
      const page = await api.messages(chat.chat, { before: next }, closing.signal)
      take(page.messages)
      goOnAfter(page)
      sayIn(notice, '')
    } catch (error) {
      if (error.name === 'AbortError') return
      // Scrolling must not ask again and again; the person may.
      isComplete = true
      sayIn(notice, advise(error))
      notice.append(' ', retryButton())
    }
  }

  function goOnAfter(page) {
    next = page.next
    isComplete = !page.next
  }

  function retryButton() {
    const button = element('button', { type: 'button', className: 'small', textContent: words('tryAgain') })
    button.addEventListener('click', () => {
      isComplete = false
      sayIn(notice, '')
      void loadOlder()
    })
    return button
  }

  function take(messages) {
    book.put(messages)
    for (const { id, fromMe } of messages) if (fromMe) outgoing.forget(chat.chat, id)
  }

  /** The file of a message; one that is sent from here need not be fetched. */
  function fileOf(message) {
    const { id, fromMe } = message
    const file = message.file ?? (fromMe && localFiles.get(id)?.blob)
    if (!file) return files.get(id)
    if (!localFiles.has(id)) localFiles.set(id, { blob: file, url: URL.createObjectURL(file) })
    return Promise.resolve(localFiles.get(id))
  }

  async function jumpTo(id) {
    for (let pages = 0; !log.reveal(id); pages++) {
      if (isComplete || pages === MAX_PAGES_BACK) return sayIn(notice, words('notShown'), '')
      await loadOlder()
    }
  }

  async function send(written) {
    log.toEnd()
    await outgoing.send({ chat: chat.chat, ...written }, { api, notBefore: book.latestAt() })
    await lookAtSent()
  }

  /** What was sent comes back by itself where the connection is live, else it is asked for. */
  async function lookAtSent() {
    if (outgoing.pending(chat.chat).every((message) => book.has(message))) return show()
    await lookAtLatest()
  }

  async function lookAtLatest() {
    const page = await api.messages(chat.chat, {}, closing.signal).catch(() => undefined)
    if (!page) return
    if (!page.messages.some(book.has)) {
      // So much came that there is a gap: the conversation begins anew from its end.
      book.clear()
      goOnAfter(page)
    }
    take(page.messages)
    show()
  }

  async function sendAgain(message) {
    if (!book.has(message)) {
      await outgoing.again(message, api)
      return lookAtSent()
    }
    await api.repeat(message.id)
    book.change(message, ({ state }) => ({ state: { ...state, isRepeated: true } }))
    await lookAtLatest()
  }

  async function react(message, emoji) {
    await api.react(message, emoji)
    // The server tells the same in a moment; a person wants to see at once what was pressed.
    book.change(message, ({ reactions = [] }) => {
      const others = reactions.filter(({ fromMe }) => !fromMe)
      return { reactions: emoji ? [...others, { emoji, fromMe: true, sender: '', senderName: '' }] : others }
    })
    show()
  }

  /** Tells that all was read, unless somebody has just said otherwise. */
  function readSoon() {
    if (reading || keepsUnread || !maySend || document.hidden || shown.unread === 0 || !readsOnOpen()) return
    reading = setTimeout(() => {
      reading = undefined
      if (!closing.signal.aborted && !document.hidden && shown.unread > 0) void tellRead()
    }, READ_AFTER_MS)
  }

  async function tellRead() {
    try {
      onChat(await api.markRead(chat.chat))
    } catch (error) {
      sayIn(notice, advise(error))
      keepsUnread = true
    }
  }

  async function toggleRead() {
    keepsUnread = shown.unread === 0
    if (!keepsUnread) return tellRead()
    try {
      onChat(await api.markUnread(chat.chat))
    } catch (error) {
      sayIn(notice, advise(error))
    }
  }

  return {
    element: place,
    chat: chat.chat,
    /** A message came, went or was changed. */
    take(message) {
      // Between what is there and a message further up would be a gap; it comes with its page.
      if (!isComplete && !book.has(message) && message.at < book.earliestAt()) return
      take([message])
      show()
    },
    showChat,
    showConnected: (isConnected) => composer?.showConnected(isConnected),
    /** Something may have been missed. */
    lookAgain: () => void lookAtLatest(),
    focus() {
      // A phone would put its keyboard over what somebody came to read.
      const isTouched = matchMedia('(pointer: coarse)').matches
      if (composer && !isTouched) composer.focus()
      else title.focus({ preventScroll: true })
    },
    close() {
      closing.abort()
      clearTimeout(reading)
      stopListening()
      log.close()
      files.close()
      composer?.close()
      for (const { url } of localFiles.values()) URL.revokeObjectURL(url)
    },
  }
}
