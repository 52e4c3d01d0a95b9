import { advise } from '../../api.js'
import { requestsOf } from './requests.js'

/** What is on its way, and what was not finished writing, for each user: both outlive a look at another section. */
const byUser = new Map()

/**
 * What a user sends from here. A message stands in its chat at once; it goes on its way after those before it in the
 * same chat, so that they arrive in their order.
 * @param {string} user its id
 */
export function outgoingOf(user) {
  if (!byUser.has(user)) byUser.set(user, createOutgoing())
  return byUser.get(user)
}

function createOutgoing() {
  const chats = new Map()
  const drafts = new Map()
  const listeners = new Set()

  function queueOf(chat) {
    if (!chats.has(chat)) chats.set(chat, { messages: [], last: Promise.resolve() })
    return chats.get(chat)
  }

  function replace(chat, id, change) {
    const queue = queueOf(chat)
    queue.messages = queue.messages.map((message) =>
      message.id === id ? { ...message, ...change } : message,
    )
    tell(chat)
  }

  function tell(chat) {
    for (const listener of listeners) listener(chat)
  }

  /** Sends one message when it is its turn. */
  function dispatch(chat, id, api) {
    const queue = queueOf(chat)
    replace(chat, id, { state: { status: 'sending' } })
    queue.last = queue.last.then(async () => {
      const message = queue.messages.find((one) => one.id === id)
      if (!message) return
      try {
        await api.send(message.request)
        replace(chat, id, { state: { status: 'accepted' } })
      } catch (error) {
        replace(chat, id, { state: { status: 'failed', reason: advise(error) } })
      }
    })
    return queue.last
  }

  return {
    /** What stands in the composer of a chat. */
    drafts,
    pending: (chat) => queueOf(chat).messages,
    /**
     * Sends what was written. @returns {Promise<void>} when the server has answered for all of it
     * @param {{chat: string, text: string, files: File[], quoted?: object}} written
     * @param {object} given
     * @param {number} given.notBefore when the latest message was written, by whatever clock: this one comes after it
     */
    async send(written, { api, notBefore }) {
      const made = requestsOf(written).map(({ id, path, body, shown, file }) => ({
        id,
        chat: written.chat,
        at: Math.max(Date.now(), notBefore),
        fromMe: true,
        sender: '',
        reactions: [],
        state: { status: 'sending' },
        request: { path, body },
        file,
        ...shown,
      }))
      queueOf(written.chat).messages.push(...made)
      await Promise.all(made.map(({ id }) => dispatch(written.chat, id, api)))
    },
    /** Sends what failed once more, under its old id: what the server has after all is not sent twice. */
    again: ({ chat, id }, api) => dispatch(chat, id, api),
    /** The server tells of this message now. */
    forget(chat, id) {
      const queue = queueOf(chat)
      if (!queue.messages.some((message) => message.id === id)) return
      queue.messages = queue.messages.filter((message) => message.id !== id)
    },
    /** @param {(chat: string) => void} listener @returns {() => void} stops listening */
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
