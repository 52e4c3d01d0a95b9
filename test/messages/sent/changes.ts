import { ANY } from '../received-kinds.ts'
import { NONE, nowhere, type SentKind, way } from './way.ts'

function edit(content: object) {
  return { type: 'MESSAGE_EDIT', key: { id: ANY }, editedMessage: content }
}

const revoke = {
  member: 'protocolMessage',
  holds: { type: 'REVOKE', key: { id: ANY } },
  attributes: { type: 'text', edit: '7' },
  wuzapi: way('/chat/delete', ({ to, id }) => ({ Phone: to, Id: id })),
  'wago-api': way('/message/delete/{id}', ({ to, id }) => ({ chatId: to, messageId: id, everyone: true })),
  wago: way('/message/delete', ({ to, id }) => ({ Chat: to, MessageID: id })),
} as const

const changed = {
  becomes: 'Better',
  wuzapi: way('/chat/send/edit', ({ to, id }) => ({ Phone: to, Id: id, Body: 'Better' })),
  'wago-api': way('/message/edit/{id}', ({ to, id }) => ({ chatId: to, messageId: id, text: 'Better' })),
  wsgo: NONE,
  wago: way('/message/edit', ({ to, id }) => ({ Chat: to, MessageID: id, Message: 'Better' })),
  multisession: way('PATCH /messages/{message_id}', ({ to }) => ({ chat_jid: to, text: 'Better' })),
} as const

/** What is about another message, or about the chat. */
export const sentChanges: SentKind[] = [
  {
    name: 'reaction',
    about: 'their text',
    member: 'reactionMessage',
    holds: { text: '👍', key: { id: ANY } },
    attributes: { type: 'reaction', 'decrypt-fail': 'hide' },
    wuzapi: way('/chat/react', ({ to, id }) => ({ Phone: to, Id: id, Body: '👍' })),
    'wago-api': way('/message/react/{id}', ({ to, id }) => ({ chatId: to, messageId: id, reaction: '👍' })),
    wsgo: NONE,
    wago: way('/message/react', ({ to, id }) => ({ Phone: to, Id: id, Body: '👍', IsFromMe: false })),
    multisession: way('/messages/{message_id}/reaction', ({ to, author }) => ({
      chat_jid: to,
      sender_jid: author,
      emoji: '👍',
    })),
  },
  {
    name: 'reaction that is taken back',
    about: 'their text',
    member: 'reactionMessage',
    holds: { key: { id: ANY } },
    attributes: { type: 'reaction', 'decrypt-fail': 'hide', edit: '7' },
    wuzapi: way('/chat/react', ({ to, id }) => ({ Phone: to, Id: id, Body: 'remove' })),
    'wago-api': way('/message/react/{id}', ({ to, id }) => ({ chatId: to, messageId: id, reaction: '' })),
    wsgo: NONE,
    wago: way('/message/react', ({ to, id }) => ({ Phone: to, Id: id, Body: 'remove', IsFromMe: false })),
    multisession: way('/messages/{message_id}/reaction', ({ to, author }) => ({
      chat_jid: to,
      sender_jid: author,
      emoji: '',
    })),
  },
  {
    ...nowhere,
    name: 'vote in a poll',
    about: 'their poll',
    member: 'pollUpdateMessage',
    holds: { pollCreationMessageKey: { id: ANY }, vote: { encPayload: ANY } },
    attributes: { type: 'poll', polltype: 'vote' },
    multisession: way('/polls/{poll_id}/vote', ({ to }) => ({ chat_jid: to, options: ['yes'] })),
  },
  {
    name: 'edit of a text',
    about: 'own text',
    member: 'protocolMessage',
    holds: edit({ extendedTextMessage: { text: 'Better' } }),
    attributes: { type: 'text', edit: '1' },
    ...changed,
  },
  {
    name: 'edit of a caption',
    about: 'own picture',
    member: 'protocolMessage',
    holds: edit({ imageMessage: { caption: 'Better' } }),
    attributes: { type: 'text', edit: '1' },
    ...changed,
  },
  {
    name: 'message that is taken back',
    about: 'own text',
    ...revoke,
    wsgo: NONE,
    multisession: way('DELETE /messages/{message_id}', ({ to }) => ({ chat_jid: to })),
  },
  {
    name: 'poll that is taken back',
    about: 'own poll',
    ...revoke,
    wsgo: NONE,
    multisession: way('DELETE /polls/{poll_id}', ({ to }) => ({ chat_jid: to })),
  },
  {
    ...nowhere,
    name: 'pin',
    about: 'own text',
    member: 'pinInChatMessage',
    holds: { type: 'PIN_FOR_ALL', key: { id: ANY } },
    attributes: { type: 'text', edit: '2', 'decrypt-fail': 'hide' },
    wuzapi: way('/chat/pin', ({ to, id, me }) => ({ Chat: to, Id: id, Sender: me, DurationSeconds: 86_400 })),
  },
  {
    name: 'time after which messages disappear',
    member: 'protocolMessage',
    holds: { type: 'EPHEMERAL_SETTING' },
    attributes: { type: 'text' },
    wuzapi: 'groups only',
    'wago-api': way('/privacy/setDisappearingTimer/{id}', ({ to }) => ({ chatId: to, timer: 'off' })),
    wsgo: NONE,
    wago: way('/chat/disappearing-timer', ({ to }) => ({ phone: to, timer: 'off' })),
    multisession: way('PATCH /chats/{chat_jid}/disappearing-timer', () => ({ timer: 'off' })),
  },
]
