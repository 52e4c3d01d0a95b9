import { expect, test } from 'vitest'
import type { JsonObject } from '../../../../src/events/event-parts.ts'
import { historyContent } from '../../../../src/whatsapp/inbound/parse/history-content.ts'

const key = { id: 'TARGET' }

test.each<[string, JsonObject, object]>([
  ['a text', { conversation: 'hi' }, { type: 'text', text: 'hi', quotedId: '' }],
  [
    'an answer',
    { extendedTextMessage: { text: 'hi', contextInfo: { stanzaId: 'TARGET' } } },
    { type: 'text', text: 'hi', quotedId: 'TARGET' },
  ],
  ['a picture', { imageMessage: {} }, { type: 'image', text: ':image:', quotedId: '' }],
  ['a caption', { videoMessage: { caption: 'look' } }, { type: 'video', text: 'look', quotedId: '' }],
  [
    'a file in its wrapper',
    { documentWithCaptionMessage: { message: { documentMessage: { caption: 'the plan' } } } },
    { type: 'document', text: 'the plan', quotedId: '' },
  ],
  ['a contact', { contactMessage: { displayName: 'Bob' } }, { type: 'contact', text: ':contact:' }],
  ['a place', { locationMessage: { name: 'Home' } }, { type: 'location', text: ':location:' }],
  [
    'a reaction',
    { reactionMessage: { key, text: '👍' } },
    { type: 'reaction', text: '👍', quotedId: 'TARGET' },
  ],
  ['a deletion', { protocolMessage: { type: 0, key } }, { type: 'delete', text: 'TARGET', quotedId: '' }],
  [
    'an edit',
    {
      editedMessage: {
        message: { protocolMessage: { type: 14, key, editedMessage: { conversation: 'new' } } },
      },
    },
    { type: 'edit', text: 'new', quotedId: 'TARGET' },
  ],
  ['a list', { listMessage: { description: 'choose' } }, { type: 'list', text: 'choose' }],
  ['buttons', { interactiveMessage: { body: { text: 'press' } } }, { type: 'buttons', text: 'press' }],
  [
    'a pressed button',
    { buttonsResponseMessage: { selectedDisplayText: 'Yes' } },
    { type: 'buttons_response', text: 'Yes' },
  ],
  ['a chosen row', { listResponseMessage: { title: 'Row' } }, { type: 'list_response', text: 'Row' }],
])('%s is shown', (_name, message, expected) => {
  expect(historyContent(message)).toMatchObject(expected)
})

test.each<[string, JsonObject]>([
  ['a key exchange', { senderKeyDistributionMessage: { groupId: 'g' } }],
  ['an announcement of history', { protocolMessage: { type: 5, historySyncNotification: {} } }],
  ['a vote', { pollUpdateMessage: {} }],
  ['an empty text', { conversation: '' }],
])('%s is not', (_name, message) => {
  expect(historyContent(message)).toBeUndefined()
})
