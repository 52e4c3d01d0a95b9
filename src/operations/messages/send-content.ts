import { ApiError } from '../../lib/errors.ts'
import type { BareBase64, FileInput } from '../../lib/file-input.ts'
import { isPhoneJid } from '../../lib/jid.ts'
import type { MessageTarget } from '../../lib/message-ref.ts'
import { writeVcard } from '../../lib/text/vcard.ts'
import type { Ffmpeg } from '../../media/convert/ffmpeg.ts'
import { movieFacts } from '../../media/convert/movie-facts.ts'
import { pictureType } from '../../media/convert/pictures.ts'
import { withScratch } from '../../media/scratch.ts'
import { type MediaFile, openSource } from '../../media/source.ts'
import type { ContactCard } from '../../whatsapp/content/contact.ts'
import type { ContextInput } from '../../whatsapp/content/context.ts'
import type { EventContent } from '../../whatsapp/content/event.ts'
import type { LocationContent } from '../../whatsapp/content/location.ts'
import type { PollContent } from '../../whatsapp/content/poll.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import { displayName, findContact } from '../contacts/address-book.ts'
import type { UserScope } from '../services.ts'
import type { Addressed } from './addressed.ts'
import { sendContacts, sendLocation, sendPoll, sendText } from './send.ts'
import { sendEvent } from './send-event.ts'
import { sendAudio, sendDocument, sendImage, sendSticker, sendVideo } from './send-media.ts'
import { quotedMessage } from './stored-changes.ts'
import { namesOf, sessionOf } from './stored-messages.ts'

/** A file to send, as whatever it turns out to be unless `as` says. */
export interface FileContent {
  file: FileInput | BareBase64
  as?: 'image' | 'video' | 'audio' | 'voice' | 'document' | 'sticker'
  /** Send it as a voice message if it turns out to be audio. */
  audioAsVoice?: boolean
  /** The type to announce; by the file when empty. */
  mimeType?: string
  fileName?: string
  caption?: string
  /** Length of a video or audio in seconds; an audio is measured when it is 0. */
  seconds?: number
  /** Whoever gets it can look at it once. */
  viewOnce?: boolean
}

/** Anything that can be said in one message. */
export type AnyContent =
  | { kind: 'text'; text: string; linkPreview?: boolean }
  | ({ kind: 'file' } & FileContent)
  | ({ kind: 'location' } & Pick<LocationContent, 'latitude' | 'longitude' | 'name'>)
  | ({ kind: 'poll' } & Pick<PollContent, 'question' | 'options' | 'selectable'>)
  | ({ kind: 'event' } & Omit<EventContent, keyof ContextInput>)
  /** The cards of people, by JID. */
  | { kind: 'contacts'; contacts: string[] }

/** A message of any kind. */
export interface AnyMessage {
  /** Phone number or JID. */
  to: string
  /** WhatsApp message id; a new one when empty. */
  id?: string
  content: AnyContent
  mentions?: string[]
  /** Mention everybody in the group. */
  everybody?: boolean
  /** The message it answers, which is looked up in the store. */
  replyTo?: MessageTarget
}

/** Sends anything; resolves when the server has acknowledged it. Throws `not_found` for an unknown message to answer. */
export async function sendContent(
  scope: UserScope,
  { to, id, content, mentions, everybody, replyTo }: AnyMessage,
): Promise<Sent> {
  const session = sessionOf(scope)
  const quoted = replyTo && (await quotedMessage(scope, replyTo))
  const addressed = { to, id, mentions, everybody, quoted }
  switch (content.kind) {
    case 'text':
      return sendText(session, { ...addressed, text: content.text, linkPreview: content.linkPreview })
    case 'file':
      return sendFile(scope, addressed, content)
    case 'location': {
      const { latitude, longitude, name } = content
      return sendLocation(session, { ...addressed, latitude, longitude, name })
    }
    case 'poll': {
      const { question, options, selectable } = content
      return sendPoll(session, { ...addressed, question, options, selectable })
    }
    case 'event': {
      const { kind: _kind, ...event } = content
      return sendEvent(session, { ...addressed, ...event })
    }
    case 'contacts': {
      const cards = await Promise.all(content.contacts.map((jid) => cardOf(scope, jid)))
      return sendContacts(session, { ...addressed, cards })
    }
  }
}

async function sendFile(scope: UserScope, addressed: Addressed, content: FileContent): Promise<Sent> {
  const session = sessionOf(scope)
  const { file, as, mimeType, caption, seconds, viewOnce } = content
  if (as === undefined) return sendAsItIs(scope, addressed, content)
  const message = { ...addressed, file, mimeType, viewOnce }
  switch (as) {
    case 'image':
      return sendImage(session, { ...message, caption })
    case 'video':
      return sendVideo(session, { ...message, caption, seconds })
    case 'audio':
    case 'voice':
      return sendAudio(session, { ...message, isVoice: as === 'voice', seconds })
    case 'sticker':
      return sendSticker(session, message)
    case 'document':
      return sendDocument(session, { ...message, caption, fileName: content.fileName || 'document' })
  }
}

const MAX_FETCHED_BYTES = 100 * 1024 * 1024
/** What can be made a picture; other pictures go as files. */
const PICTURES = /^image\/(jpeg|png|gif|webp|hei[cf]|avif|bmp)$/

/** Looks at the file first to tell what to send it as. */
function sendAsItIs(scope: UserScope, addressed: Addressed, content: FileContent): Promise<Sent> {
  return withScratch(async (scratch) => {
    const { sourceAgents: agents, ffmpeg } = sessionOf(scope).media
    const opened = await openSource(content.file, { scratch, maxBytes: MAX_FETCHED_BYTES, agents })
    const { path, sizeBytes, declaredType } = opened
    const file = { path, sizeBytes, mimeType: declaredType, fileName: content.fileName ?? '' }
    const kind = await kindOf(content.mimeType || pictureType(opened), opened, ffmpeg)
    const as = kind === 'audio' && content.audioAsVoice ? 'voice' : kind
    return sendFile(scope, addressed, { ...content, file, as })
  })
}

/** A video that would have to be converted goes as a file where that cannot be done. */
async function kindOf(type: string, file: MediaFile, ffmpeg: Ffmpeg): Promise<FileContent['as']> {
  if (PICTURES.test(type)) return 'image'
  if (type.startsWith('audio/') || type === 'application/ogg') return 'audio'
  const facts = await movieFacts(file.path)
  if (facts?.audio !== undefined && facts.video === undefined) return 'audio'
  if (/^video\/(mp4|3gpp)/.test(type)) return 'video'
  const isVideo = type.startsWith('video/') || facts?.video !== undefined
  return isVideo && (await ffmpeg.isAvailable()) ? 'video' : 'document'
}

/** The card of a person with the name the account knows. Throws `invalid_field` for somebody without a known number. */
async function cardOf(scope: UserScope, jid: string): Promise<ContactCard> {
  const phone = (await namesOf(scope, jid)).find((one) => isPhoneJid(one))?.split('@')[0]
  if (!phone) throw new ApiError('invalid_field', { text: 'the phone number of this contact is not known' })
  const name = displayName(await findContact(scope, jid)) || `+${phone}`
  return { name, vcard: writeVcard({ name, number: phone }) }
}
