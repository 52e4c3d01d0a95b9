import type { MessageEvent } from '../../../events/event.ts'
import type { JsonObject, ProtoJson } from '../../../events/event-parts.ts'
import {
  choiceOf,
  contentOf,
  describeContent,
  type MessageContent,
  type MessageKind,
  targetOf,
} from '../../../events/message-kinds.ts'
import {
  holdsOnly,
  isObject,
  KEY_EXCHANGE,
  keyedId,
  messageOf,
  objectAt,
  objectsIn,
  textAt,
} from '../../../events/unwrap.ts'
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

/** Kind of a message -> what it says. Kinds that are not listed are told by their name and in words. */
const CONTENTS: Partial<Record<MessageKind, (found: MessageContent) => Content | undefined>> = {
  text: ({ content }) => ({ type: 'text', body: textAt(content, 'text') }),
  image: ({ content }) => file('image', content),
  video: ({ content }) => file('video', content),
  audio: ({ content }) => file(content.ptt === true ? 'ptt' : 'audio', content),
  document: ({ content }) => file('document', content),
  sticker: ({ content }) => file('sticker', content),
  location: ({ content }) => location(content),
  contact: ({ member, content }) =>
    contacts(member === 'contactMessage' ? [content] : objectsIn(content.contacts)),
  poll: ({ content }) => poll(content),
  vote: ({ content }) => about('poll_vote', '', keyedId(content, 'pollCreationMessageKey')),
  reaction: ({ content }) => about('reaction', textAt(content, 'text'), keyedId(content)),
  flow_response: (found) => ({ ...described(found), type: 'buttons_response' }),
  change: ({ content }) => change(content),
}

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
  const message = messageOf(event)
  const content = sealedContent(event) ?? readContent(message)
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
    ...context(message),
  }
}

function readContent(message: ProtoJson): Content | undefined {
  const found = contentOf(message)
  if (found) return (CONTENTS[found.kind] ?? described)(found)
  return holdsOnly(message, SILENT) ? undefined : { type: 'unknown', body: '' }
}

function described(found: MessageContent): Content {
  const targetId = targetOf(found)
  const selectedId = choiceOf(found)
  return {
    type: found.kind,
    body: describeContent(found),
    extras: { ...(targetId !== '' && { targetId }), ...(selectedId !== '' && { selectedId }) },
  }
}

/** What stayed sealed, which says only what it is about, and the answer to an event, which has no member of its own. */
function sealedContent({ sealed, eventResponse }: Omit<MessageEvent, 'type'>): Content | undefined {
  if (eventResponse) {
    const { eventId, response, extraGuests } = eventResponse
    return { type: 'event_response', body: response, extras: { targetId: eventId, extraGuests } }
  }
  if (sealed?.isOpen !== false || sealed.kind === 'vote') return undefined
  return { type: 'sealed', body: '', extras: { targetId: sealed.targetId, sealedKind: sealed.kind } }
}

function file(type: string, content: JsonObject): Content {
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

function location(content: JsonObject): Content {
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

function poll(content: JsonObject): Content {
  return {
    type: 'poll',
    body: textAt(content, 'name'),
    extras: {
      pollName: textAt(content, 'name'),
      pollOptions: objectsIn(content.options).map((option) => textAt(option, 'optionName')),
      allowMultipleAnswers: content.selectableOptionsCount !== 1,
    },
  }
}

/** Something that is about another message. */
function about(type: string, body: string, targetId: string): Content {
  return { type, body, extras: { targetId } }
}

function change(content: JsonObject): Content | undefined {
  // The number of the first kind is not written.
  const kind = content.type ?? REVOKE
  if (kind === REVOKE) return about('revoked', '', keyedId(content))
  if (kind !== EDIT) return undefined
  const edited = objectAt(content, 'editedMessage')
  return about('edited', (edited && readContent(edited)?.body) ?? '', keyedId(content))
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
