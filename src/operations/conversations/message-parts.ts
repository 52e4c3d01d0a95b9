import type { Json, JsonObject, ProtoJson } from '../../events/event-parts.ts'
import { contentOf, describeContent, type MessageContent, POLL_MEMBERS } from '../../events/message-kinds.ts'
import { innermost, objectAt, objectsIn, textAt } from '../../events/unwrap.ts'
import { limits } from '../../lib/limits.ts'

/** What a quoted message and a line of the list of chats show of a text. */
const SHORT = 300
/** Larger than what any client makes; in base64. */
const MAX_THUMBNAIL = 40_000
const MAX_CARDS = 10
const MAX_MENTIONS = 50

/** The file of a message. */
export interface MediaPart {
  kind: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker'
  mimetype: string
  fileName?: string
  bytes?: number
  seconds?: number
  width?: number
  height?: number
  /** A small picture, as a data URL. */
  thumbnail?: string
  /** Whether it can be asked for: the message says how to open it. */
  available: boolean
}

/** A place. */
export interface LocationPart {
  latitude: number
  longitude: number
  name?: string
}

/** A contact card; of several the first, with the numbers of all. */
export interface ContactPart {
  name: string
  phones: string[]
}

/** The record of a call that a phone left in the chat. */
export interface CallPart {
  outcome: string
  seconds?: number
}

/** The message that another one answers. */
export interface QuotedPart {
  id: string
  /** JID as the answer names it. */
  sender: string
  kind: string
  text: string
}

/** What a message itself says; everything is cut, for strangers write it. */
export interface MessageParts {
  kind: string
  text: string
  isForwarded: boolean
  quoted?: QuotedPart
  /** JIDs of the people whom the text mentions. */
  mentions: string[]
  media?: MediaPart
  location?: LocationPart
  contact?: ContactPart
  call?: CallPart
}

/** Outcomes of `CallLogMessage` by number. */
const OUTCOMES = [
  'answered',
  'missed',
  'failed',
  'rejected',
  'accepted_elsewhere',
  'ongoing',
  'silenced_by_dnd',
  'silenced_unknown_caller',
]

/** Reads what a message says. What nobody here has a word for is `unknown`. */
export function partsOf(message: ProtoJson): MessageParts {
  const found = contentOf(message)
  if (!found) return { kind: 'unknown', text: '', isForwarded: false, mentions: [] }
  const context = objectAt(found.content, 'contextInfo')
  const quoted = quotedIn(context)
  const parts = {
    media: mediaIn(found),
    location: locationIn(found),
    contact: contactIn(found),
    call: callIn(found),
  }
  return {
    kind: found.kind,
    text: cut(textShown(found), limits.text.max),
    isForwarded: context?.isForwarded === true,
    mentions: textsIn(context?.mentionedJid).slice(0, MAX_MENTIONS),
    ...(quoted && { quoted }),
    ...Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)),
  }
}

/** The first so many characters, whole ones. */
export function cut(text: string, most = SHORT): string {
  if (text.length <= most) return text
  return text.slice(0, most).toWellFormed()
}

/** Question and options of a poll, and how many one voter may choose; undefined for other messages. */
export function pollIn(
  message: ProtoJson,
): { question: string; selectable: number; options: string[] } | undefined {
  const content = innermost(message)
  const poll = POLL_MEMBERS.map((member) => objectAt(content, member)).find(Boolean)
  if (!poll) return undefined
  const options = objectsIn(poll.options).slice(0, limits.list.max)
  return {
    question: cut(textAt(poll, 'name'), limits.text.max),
    selectable: numberIn(poll.selectableOptionsCount) ?? 0,
    options: options.map((option) => cut(textAt(option, 'optionName'), limits.placeName.max)),
  }
}

/** A place and a card say what they are in parts of their own. */
function textShown(found: MessageContent): string {
  return found.kind === 'location' || found.kind === 'contact'
    ? textAt(found.content, 'caption')
    : describeContent(found)
}

function quotedIn(context: JsonObject | undefined): QuotedPart | undefined {
  const id = textAt(context, 'stanzaId')
  const message = objectAt(context, 'quotedMessage')
  if (id === '' || !message) return undefined
  const found = contentOf(message)
  return {
    id: cut(id),
    sender: textAt(context, 'participant'),
    kind: found?.kind ?? 'unknown',
    text: found ? cut(describeContent(found)) : '',
  }
}

function mediaIn({ file, content }: MessageContent): MediaPart | undefined {
  if (!file) return undefined
  const thumbnail = textAt(content, 'jpegThumbnail')
  const fileName = textAt(content, 'fileName')
  const hasThumbnail = thumbnail !== '' && thumbnail.length <= MAX_THUMBNAIL
  const hasAddress = textAt(content, 'directPath') !== '' || textAt(content, 'url') !== ''
  return {
    kind: file === 'audio' && content.ptt === true ? 'voice' : file,
    mimetype: cut(textAt(content, 'mimetype')),
    ...(fileName !== '' && { fileName: cut(fileName, limits.fileName.max) }),
    ...numbers({
      bytes: content.fileLength,
      seconds: content.seconds,
      width: content.width,
      height: content.height,
    }),
    ...(hasThumbnail && { thumbnail: `data:image/jpeg;base64,${thumbnail}` }),
    available: textAt(content, 'mediaKey') !== '' && hasAddress,
  }
}

function locationIn({ kind, content }: MessageContent): LocationPart | undefined {
  if (kind !== 'location') return undefined
  const name = textAt(content, 'name') || textAt(content, 'address')
  return {
    latitude: degrees(content.degreesLatitude, 90),
    longitude: degrees(content.degreesLongitude, 180),
    ...(name !== '' && { name: cut(name, limits.placeName.max) }),
  }
}

function contactIn({ kind, content }: MessageContent): ContactPart | undefined {
  if (kind !== 'contact') return undefined
  const several = objectsIn(content.contacts).slice(0, MAX_CARDS)
  const cards = several.length > 0 ? several : [content]
  const names = cards.map((card) => textAt(card, 'displayName')).filter((name) => name !== '')
  return {
    name: cut(names.join(', ')),
    phones: cards.flatMap((card) => phonesIn(textAt(card, 'vcard'))).slice(0, MAX_CARDS),
  }
}

/** The numbers of a card: the WhatsApp number where the line tells it, else what stands there. */
function phonesIn(vcard: string): string[] {
  return cut(vcard, limits.vcard.max)
    .split(/\r?\n/, 200)
    .filter((line) => /^(?:[\w-]+\.)?TEL[;:]/i.test(line))
    .map((line) => {
      const number = /waid=(\d{5,20})/i.exec(line)?.[1]
      return number ? `+${number}` : cut(line.slice(line.indexOf(':') + 1).trim(), 40)
    })
    .filter((phone) => phone !== '')
    .slice(0, MAX_CARDS)
}

function callIn({ member, content }: MessageContent): CallPart | undefined {
  if (member !== 'callLogMesssage') return undefined
  return {
    outcome: OUTCOMES[numberIn(content.callOutcome) ?? 0] ?? 'unknown',
    ...numbers({ seconds: content.durationSecs }),
  }
}

/** Whoever writes chooses the numbers: what is none is left out. */
function numbers<Name extends string>(given: Record<Name, Json | undefined>): Partial<Record<Name, number>> {
  const known = Object.entries<Json | undefined>(given).flatMap(([name, value]) => {
    const number = numberIn(value)
    return number === undefined || number <= 0 ? [] : [[name, number]]
  })
  return Object.fromEntries(known)
}

function numberIn(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

function degrees(value: Json | undefined, most: number): number {
  return Math.max(-most, Math.min(most, numberIn(value) ?? 0))
}

function textsIn(list: Json | undefined): string[] {
  return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : []
}
