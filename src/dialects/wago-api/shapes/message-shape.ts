import type { MessageEvent } from '../../../events/event.ts'
import type { Json, JsonObject, ProtoJson } from '../../../events/event-parts.ts'
import { holdsOnly, KEY_EXCHANGE, objectAt, textAt, unwrapMessage } from '../../../events/unwrap.ts'
import { isGroupJid } from '../../../lib/jid.ts'
import { chatOf, personOf } from './addresses.ts'

/** What a message says, in the words of this dialect. */
interface Content {
  /** The document knows `text`; the others are named after their kind, as in wwebjs-api. */
  type: string
  /** The text, or the caption of a file. */
  body: string
  /** What this kind has besides. */
  extras?: JsonObject
}

/** Member of a message -> what it says; the first one that is there counts. Members that are not listed are `unknown`. */
const CONTENTS: [member: string, read: (content: Json, message: ProtoJson) => Content | undefined][] = [
  ['conversation', (text) => ({ type: 'text', body: String(text) })],
  ['extendedTextMessage', (content) => ({ type: 'text', body: textAt(object(content), 'text') })],
  ['imageMessage', (content) => file('image', content)],
  ['videoMessage', (content) => file('video', content)],
  ['ptvMessage', (content) => file('video', content)],
  ['audioMessage', (content) => file(object(content).ptt === true ? 'ptt' : 'audio', content)],
  ['documentMessage', (content) => file('document', content)],
  ['stickerMessage', (content) => file('sticker', content)],
  ['locationMessage', location],
  ['liveLocationMessage', location],
  ['contactMessage', (content) => contacts([object(content)])],
  ['contactsArrayMessage', (content) => contacts(objects(object(content).contacts))],
  ['pollCreationMessage', poll],
  ['pollCreationMessageV2', poll],
  ['pollCreationMessageV3', poll],
  ['pollCreationMessageV5', poll],
  [
    'pollUpdateMessage',
    (content) => about('poll_vote', '', objectAt(object(content), 'pollCreationMessageKey')),
  ],
  [
    'reactionMessage',
    (content) => about('reaction', textAt(object(content), 'text'), objectAt(object(content), 'key')),
  ],
  ['buttonsResponseMessage', (content) => chosen(content, 'selectedDisplayText', 'selectedButtonId')],
  ['templateButtonReplyMessage', (content) => chosen(content, 'selectedDisplayText', 'selectedId')],
  [
    'listResponseMessage',
    (content) => ({
      type: 'list_response',
      body: textAt(object(content), 'title'),
      extras: { selectedId: textAt(objectAt(object(content), 'singleSelectReply'), 'selectedRowId') },
    }),
  ],
  ['protocolMessage', (content) => protocol(object(content))],
]

/** Numbers of the protocol messages that people see. */
const REVOKE = 0
const EDIT = 14

const SILENT = new Set([...KEY_EXCHANGE, '$oneofs'])

/**
 * A message as this dialect tells it; undefined for what nobody reads: the traffic between own devices, exchanged keys,
 * settings of a chat.
 */
export function messageShape(event: Omit<MessageEvent, 'type'>): JsonObject | undefined {
  if (event.category === 'peer') return undefined
  const { message } = unwrapMessage(event.raw)
  const content = contentOf(event.decrypted ?? message)
  if (!content) return undefined
  const sender = personOf(event.sender, event.senderAlt)
  return {
    id: event.id,
    chat: chatOf(event),
    sender,
    pushName: event.pushName,
    body: content.body,
    type: content.type,
    timestamp: event.timestamp,
    isGroup: isGroupJid(event.chat),
    isFromMe: event.fromMe,
    ...content.extras,
    ...(event.pollVote && { selectedOptions: event.pollVote.selectedOptions }),
    ...context(event.decrypted ?? message),
  }
}

function contentOf(message: ProtoJson): Content | undefined {
  for (const [member, read] of CONTENTS) {
    const content = message[member]
    if (content !== undefined) return read(content, message)
  }
  const isSilent = holdsOnly(message, SILENT)
  return isSilent ? undefined : { type: 'unknown', body: '' }
}

function file(type: string, given: Json): Content {
  const content = object(given)
  const { fileLength, seconds } = content
  return {
    type,
    body: textAt(content, 'caption'),
    extras: {
      hasMedia: true,
      mimetype: textAt(content, 'mimetype'),
      ...(type === 'document' && { filename: textAt(content, 'fileName') }),
      ...(typeof fileLength === 'number' && { filesize: fileLength }),
      ...(typeof seconds === 'number' && { duration: seconds }),
    },
  }
}

function location(given: Json): Content {
  const content = object(given)
  return {
    type: 'location',
    body: textAt(content, 'name') || textAt(content, 'caption'),
    extras: {
      location: {
        latitude: content.degreesLatitude ?? 0,
        longitude: content.degreesLongitude ?? 0,
        name: textAt(content, 'name'),
        address: textAt(content, 'address'),
      },
    },
  }
}

function contacts(cards: JsonObject[]): Content {
  return {
    type: 'contact',
    body: cards.map((card) => textAt(card, 'displayName')).join(', '),
    extras: { vCards: cards.map((card) => textAt(card, 'vcard')) },
  }
}

function poll(given: Json): Content {
  const content = object(given)
  return {
    type: 'poll',
    body: textAt(content, 'name'),
    extras: {
      pollName: textAt(content, 'name'),
      pollOptions: objects(content.options).map((option) => textAt(option, 'optionName')),
      allowMultipleAnswers: content.selectableOptionsCount !== 1,
    },
  }
}

function chosen(given: Json, text: string, id: string): Content {
  const content = object(given)
  return {
    type: 'buttons_response',
    body: textAt(content, text),
    extras: { selectedId: textAt(content, id) },
  }
}

/** Something that is about another message, named by its key. */
function about(type: string, body: string, key: JsonObject | undefined): Content {
  return { type, body, extras: { targetId: textAt(key, 'id') } }
}

function protocol(content: JsonObject): Content | undefined {
  const key = objectAt(content, 'key')
  // The number of the first kind is not written.
  const kind = content.type ?? REVOKE
  if (kind === REVOKE) return about('revoked', '', key)
  if (kind !== EDIT) return undefined
  const edited = objectAt(content, 'editedMessage')
  return about('edited', (edited && contentOf(edited)?.body) ?? '', key)
}

/** What a message answers and whom it names. */
function context(message: ProtoJson): JsonObject {
  const found = Object.values(message)
    .map((content) => objectAt(isObject(content) ? content : undefined, 'contextInfo'))
    .find((one) => one !== undefined)
  const quoted = textAt(found, 'stanzaId')
  const mentioned = Array.isArray(found?.mentionedJid) ? found.mentionedJid : []
  return {
    ...(quoted !== '' && { quotedMessageId: quoted }),
    ...(mentioned.length > 0 && { mentions: mentioned }),
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
