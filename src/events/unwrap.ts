import type { JsonObject, ProtoJson } from './event-parts.ts'

/** A message without its wrappers, and which there were. */
export interface Unwrapped {
  /** The innermost content: `conversation`, `imageMessage`, ... */
  message: ProtoJson
  /** The message with its wrappers; the inner parts carry the outer context, as in whatsmeow. */
  raw: ProtoJson
  deviceSent: { destinationJid: string; phash: string } | null
  isBotInvoke: boolean
  isEphemeral: boolean
  isViewOnce: boolean
  isViewOnceV2: boolean
  isViewOnceV2Extension: boolean
  isLottieSticker: boolean
  isDocumentWithCaption: boolean
  isEdit: boolean
}

type Flag = Exclude<keyof Unwrapped, 'message' | 'raw' | 'deviceSent'>

// In the order whatsmeow takes them off; a wrapper inside an earlier one is left alone.
const WRAPPERS: [wrapper: string, flags: Flag[]][] = [
  ['deviceSentMessage', []],
  ['botInvokeMessage', ['isBotInvoke']],
  ['ephemeralMessage', ['isEphemeral']],
  ['viewOnceMessage', ['isViewOnce']],
  ['viewOnceMessageV2', ['isViewOnce', 'isViewOnceV2']],
  ['viewOnceMessageV2Extension', ['isViewOnce', 'isViewOnceV2', 'isViewOnceV2Extension']],
  ['lottieStickerMessage', ['isLottieSticker']],
  ['documentWithCaptionMessage', ['isDocumentWithCaption']],
  ['editedMessage', ['isEdit']],
]

/** Takes the wrappers off a decrypted message. `raw` is not changed; the result shares its parts. */
export function unwrapMessage(raw: ProtoJson): Unwrapped {
  const unwrapped: Unwrapped = {
    message: raw,
    raw,
    deviceSent: null,
    isBotInvoke: false,
    isEphemeral: false,
    isViewOnce: false,
    isViewOnceV2: false,
    isViewOnceV2Extension: false,
    isLottieSticker: false,
    isDocumentWithCaption: false,
    isEdit: false,
  }
  // `rebuild` puts a changed inner message back into copies of everything around it.
  let rebuild = (inner: ProtoJson): ProtoJson => inner
  for (const [name, flags] of WRAPPERS) {
    const outer = unwrapped.message
    const wrapper = objectAt(outer, name)
    const content = objectAt(wrapper, 'message')
    if (!wrapper || !content) continue
    if (name === 'deviceSentMessage') {
      unwrapped.deviceSent = {
        destinationJid: textAt(wrapper, 'destinationJid'),
        phash: textAt(wrapper, 'phash'),
      }
    }
    for (const flag of flags) unwrapped[flag] = true
    const around = rebuild
    rebuild = (inner) => around({ ...outer, [name]: { ...wrapper, message: inner } })
    unwrapped.message = withContext(content, outer)
  }
  unwrapped.raw = rebuild(unwrapped.message)
  return unwrapped
}

// The context (secret, device list) is on the outside only for some wrappers; readers look for it on the inside.
function withContext(inner: ProtoJson, outer: ProtoJson): ProtoJson {
  const context = outer.messageContextInfo
  return context && !inner.messageContextInfo ? { ...inner, messageContextInfo: context } : inner
}

/** The object under `key`, undefined when there is none. */
export function objectAt(parent: JsonObject | undefined, key: string): JsonObject | undefined {
  const value = parent?.[key]
  return value && typeof value === 'object' && !Array.isArray(value) ? value : undefined
}

/** The text under `key`, '' when there is none. */
export function textAt(parent: JsonObject | undefined, key: string): string {
  const value = parent?.[key]
  return typeof value === 'string' ? value : ''
}

/** The id in a key by which a message names another one, '' when there is none. */
export function keyedId(content: JsonObject | undefined, key = 'key'): string {
  return textAt(objectAt(content, key), 'id')
}

/** Members of a message that carry keys and nothing to read. */
export const KEY_EXCHANGE: ReadonlySet<string> = new Set([
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
  'messageContextInfo',
])

/** Whether a message without its wrappers has no other members than these. */
export function holdsOnly(message: ProtoJson, members: ReadonlySet<string>): boolean {
  return Object.keys(message).every((member) => members.has(member))
}
