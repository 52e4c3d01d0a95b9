/** What the console's chats ask of the server, in the name of one user; `askUser` is that of the sections. */
export function createChatsApi(askUser) {
  const addressOfChat = (chat, rest = '') => `parley/me/chats/${encodeURIComponent(chat)}${rest}`
  const post = (path, body) => askUser(path, { method: 'POST', body })

  return {
    /** One page of chats, the latest first. @returns {Promise<{chats: object[], next?: string}>} */
    chats: ({ search, unread, before }, signal) =>
      askUser(`parley/me/chats?${query({ search, unread: unread ? 'true' : '', before })}`, { signal }),
    chat: (chat, signal) => askUser(addressOfChat(chat), { signal }),
    /** One page of messages, the latest first. @returns {Promise<{messages: object[], next?: string}>} */
    messages: (chat, { before }, signal) =>
      askUser(addressOfChat(chat, `/messages?${query({ before })}`), { signal }),
    message: (chat, id, signal) =>
      askUser(addressOfChat(chat, `/messages/${encodeURIComponent(id)}`), { signal }),
    /** The file of a message. @returns {Promise<Blob>} */
    file: (chat, id, signal) =>
      askUser(addressOfChat(chat, `/messages/${encodeURIComponent(id)}/media`), { signal, read: asBlob }),
    /** The picture of a chat. @returns {Promise<Blob>} */
    picture: (chat, signal) => askUser(addressOfChat(chat, '/picture'), { signal, read: asBlob }),
    /** Both answer with the chat as it is then. */
    markRead: (chat) => post(addressOfChat(chat, '/read')),
    markUnread: (chat) => post(addressOfChat(chat, '/unread')),
    /** Everything that happens in all chats, as the bytes of an event stream. @returns {Promise<ReadableStream>} */
    live: (signal) => askUser('parley/me/live', { signal, read: (response) => response.body }),
    /** Sends what the composer made, see `requestsOf`; asked twice with the same id it is sent once. */
    send: ({ path, body }) => post(path, body),
    /** An empty emoji takes the own reaction back. */
    react: ({ chat, id, fromMe, sender }, emoji) =>
      post('chat/react', {
        Phone: chat,
        Id: fromMe ? `me:${id}` : id,
        Body: emoji || 'remove',
        ...(!fromMe && { Participant: sender }),
      }),
    repeat: (id) => post(`parley/me/messages/${encodeURIComponent(id)}/repeat`),
    failed: ({ before }, signal) =>
      askUser(`parley/me/messages?${query({ status: 'failed', before })}`, { signal }),
  }
}

/** What is given of these as the query of an address. */
export function query(values) {
  return new URLSearchParams(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  )
}

function asBlob(response) {
  return response.blob()
}
