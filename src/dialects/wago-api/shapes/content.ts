import { z } from 'zod'
import { bool, file, integer, optional, stringArray, text, textUpTo } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import {
  type BareBase64,
  type FileInput,
  isBareBase64,
  isLongText,
  isUpload,
  nameOfUpload,
} from '../../../lib/file-input.ts'
import { limits } from '../../../lib/limits.ts'
import { isHttpUrl } from '../../../lib/text/http-url.ts'
import type { AnyContent, FileContent } from '../../../operations/messages/send-content.ts'
import { oneOf } from './aliases.ts'
import { peopleIfAny } from './fields.ts'

const moment = z
  .union([textUpTo(limits.name, z.string()), z.number()])
  .optional()
  .describe('ISO 8601, or unix seconds')

/** What `content.options` says of a poll or an event. */
const contentOptions = z
  .object({
    allowMultipleAnswers: bool(),
    description: text(limits.eventDescription),
    endTime: moment,
    location: text(limits.placeName).describe('Name of the place'),
    joinLink: text(limits.url).describe('Where it is joined'),
    extraGuestsAllowed: bool(),
    callType: text(limits.name).describe('Not supported: make a call link and give it as joinLink'),
  })
  .partial()

/** Everything that `content` can be in the form of wwebjs-api; `contentType` says which. */
const contentObject = z.object({
  mimetype: text(limits.mimeType),
  data: file().describe('MessageMedia: the file in base64'),
  filename: text(limits.fileName),
  latitude: z.number().optional().describe('Location: degrees'),
  longitude: z.number().optional(),
  description: text(limits.placeName),
  name: text(limits.placeName),
  contactId: z
    .union([
      textUpTo(limits.address, z.string()),
      stringArray({ each: limits.address, all: limits.contacts }),
    ])
    .default('')
    .describe('Contact: whose card, or a list of people'),
  pollName: text(limits.pollQuestion),
  pollOptions: stringArray({ each: limits.pollOption, all: limits.pollOptions }),
  startTime: moment,
  options: contentOptions.prefault({}),
})

/** What a message says, in the form of wwebjs-api (`contentType`, `content`, `options`) or flat. */
export const contentFields = {
  text: text().describe('The text; or other content'),
  contentType: text().describe(
    '`string`, `MessageMedia`, `MessageMediaFromURL`, `Location`, `Contact`, `Poll` or `ScheduledEvent`',
  ),
  content: z.union([z.string(), contentObject]).optional().describe('What contentType says'),
  options: z
    .object({
      caption: text(),
      mentions: peopleIfAny('mentions'),
      mentionAll: bool().describe('Mention everybody in the group'),
      quotedMessageId: text(limits.messageId).describe('Id of the message to answer'),
      sendAudioAsVoice: bool(),
      sendMediaAsSticker: bool(),
      sendMediaAsDocument: bool(),
      isViewOnce: bool(),
      linkPreview: bool().describe('Show what the first link in the text leads to'),
      messageId: text(limits.messageId).describe('Id for the message; a random one when empty'),
    })
    .prefault({}),
  type: text().meta({
    description: 'What to send a file as',
    enum: ['image', 'video', 'audio', 'voice', 'document', 'sticker'],
  }),
  mediaUrl: text(limits.url).describe('Address of a file'),
  mediaBase64: file().describe('A file as base64, data URL or form file'),
  mimetype: text(limits.mimeType).describe('The type of the file; by its bytes when empty'),
  filename: text(limits.fileName),
  caption: text(),
}

type Contents = z.infer<z.ZodObject<typeof contentFields>>

const KINDS = ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const

/** What a request wants to send. Throws `missing_field` and `invalid_field`. */
export function contentOf(body: Contents): AnyContent {
  const { contentType, content } = body
  if (contentType === '' && typeof content === 'object') throw invalid('invalid contentType')
  switch (contentType) {
    case '':
      return flat(body)
    case 'string':
      return textContent(body, requireText(content))
    case 'MessageMediaFromURL':
      return media(body, { file: addressOf(requireText(content)) })
    case 'MessageMedia': {
      const { data, mimetype, filename } = requireObject(content)
      if (data === undefined || data === '') throw missing('content.data')
      return media(body, { file: base64(data), mimeType: mimetype, fileName: filename })
    }
    case 'Location': {
      const { latitude, longitude, name, description } = requireObject(content)
      return {
        kind: 'location',
        latitude: oneOf('content.latitude', latitude),
        longitude: oneOf('content.longitude', longitude),
        name: name || description,
      }
    }
    case 'Contact': {
      const { contactId } = requireObject(content)
      const contacts = peopleIfAny('content.contactId').safeParse([contactId].flat()).data ?? []
      if (contacts.length === 0) throw invalid('content.contactId is not a person')
      return { kind: 'contacts', contacts }
    }
    case 'Poll': {
      const { pollName, pollOptions: options, options: poll } = requireObject(content)
      if (pollName === '') throw missing('content.pollName')
      if (options.length === 0) throw missing('content.pollOptions')
      return { kind: 'poll', question: pollName, options, selectable: poll.allowMultipleAnswers ? 0 : 1 }
    }
    case 'ScheduledEvent':
      return event(requireObject(content))
    default:
      throw invalid('invalid contentType')
  }
}

/** The text of a request that takes nothing else. Throws `missing_field`. */
export function textOf({ text, content }: { text: string; content?: string }): string {
  if (text || content) return text || (content ?? '')
  throw missing('text')
}

/** What the operations are told of the options: whom it mentions, its id. */
export function messageOptions({ options }: Contents) {
  return { id: options.messageId, mentions: options.mentions, everybody: options.mentionAll }
}

function event({ name, startTime, options }: z.infer<typeof contentObject>): AnyContent {
  const { description, endTime, location, joinLink, extraGuestsAllowed, callType } = options
  if (name === '') throw missing('content.name')
  if ([...name].length > limits.eventName.max)
    throw invalid(`content.name is too long: at most ${limits.eventName.max} characters`)
  if (callType) throw invalid('callType is not supported: make a call link and give it as joinLink')
  return {
    kind: 'event',
    name,
    description,
    startsAt: instantOf(oneOf('content.startTime', startTime)),
    ...(endTime !== undefined && endTime !== '' && { endsAt: instantOf(endTime) }),
    ...(location && { place: { name: location } }),
    joinLink,
    extraGuestsAllowed,
  }
}

/** Unix seconds; NaN for what is no instant. */
function instantOf(given: string | number): number {
  return typeof given === 'number' ? given : Math.floor(Date.parse(given) / 1000)
}

function flat(body: Contents): AnyContent {
  const { mediaUrl, mediaBase64, content } = body
  if (mediaUrl) return media(body, { file: addressOf(mediaUrl) })
  if (mediaBase64 !== undefined && mediaBase64 !== '') return media(body, { file: base64(mediaBase64) })
  return textContent(body, textOf({ text: body.text, content: typeof content === 'string' ? content : '' }))
}

function textContent({ options }: Contents, text: string): AnyContent {
  return { kind: 'text', text, linkPreview: options.linkPreview }
}

function media(
  { options, type, mimetype, filename, caption, text }: Contents,
  { file, mimeType, fileName }: FileContent,
): AnyContent {
  const as = KINDS.find((kind) => kind === type)
  if (type !== '' && !as) throw invalid(`type is one of ${KINDS.join(', ')}`)
  return {
    kind: 'file',
    file,
    as: options.sendMediaAsSticker ? 'sticker' : options.sendMediaAsDocument ? 'document' : as,
    audioAsVoice: options.sendAudioAsVoice,
    mimeType: mimeType || mimetype,
    fileName: fileName || filename || nameIn(file),
    caption: options.caption || caption || text,
    viewOnce: options.isViewOnce,
  }
}

/** A text is a data URL or bare base64; never an address, which the caller has to call one. */
function base64(given: FileInput): FileInput | BareBase64 {
  if (typeof given !== 'string' && isUpload(given)) return given
  const beginning = isLongText(given) ? given.head : given
  return beginning.startsWith('data:') ? given : { base64: given }
}

function addressOf(given: string): string {
  if (isHttpUrl(given)) return given
  throw invalid('the address of the file is not an http(s) URL')
}

/** The name of an upload, or the last part of the address a file is fetched from; '' for others. */
function nameIn(file: FileContent['file']): string {
  if (!isBareBase64(file) && isUpload(file)) return nameOfUpload(file)
  if (typeof file !== 'string' || !isHttpUrl(file)) return ''
  return /[^/]*$/.exec(new URL(file).pathname)?.[0] ?? ''
}

function requireText(content: Contents['content']): string {
  if (typeof content === 'string' && content !== '') return content
  throw missing('content')
}

function requireObject(content: Contents['content']): z.infer<typeof contentObject> {
  if (typeof content === 'object') return content
  throw missing('content')
}

function missing(name: string): ApiError {
  return new ApiError('missing_field', { text: `${name} is required` })
}

function invalid(text: string): ApiError {
  return new ApiError('invalid_field', { text })
}

/** How failures with a file read, by their stage. */
export const fileFailures = {
  decode: 'the file is not valid base64',
  fetch: 'the file cannot be fetched: %s',
  convert: '%s',
}

/** A whole number within bounds: `usual` when absent, zero or negative. */
export function upTo(most: number, usual = most) {
  return integer()
    .transform((value) => (value > 0 ? Math.min(value, most) : usual))
    .describe(`${usual} when absent, ${most} at most`)
}

/** How many of its messages a chat is asked for. */
export const searchOptions = z
  .object({ limit: upTo(1000, 50), fromMe: optional(bool()).describe('Only own messages, or only others’') })
  .prefault({})
