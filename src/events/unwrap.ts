import type { Json, JsonObject, ProtoJson } from './event-parts.ts'

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

/** Wrappers that whatsmeow leaves on: their content is told inside them, and found all the same. */
const FURTHER_WRAPPERS = [
  'associatedChildMessage',
  'botForwardedMessage',
  'botPlatformRegistrationSuccessMessage',
  'botTaskMessage',
  'eventCoverImage',
  'groupMentionedMessage',
  'groupStatusMentionMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
  'limitSharingMessage',
  'newsletterAdminProfileMessage',
  'newsletterAdminProfileStatusMessage',
  'pollCreationMessageV4',
  'pollCreationOptionImageMessage',
  'questionMessage',
  'questionReplyMessage',
  'spoilerMessage',
  'statusAddYours',
  'statusMentionMessage',
]

/** The members of a message that hold another message, and nothing to read themselves. */
export const MESSAGE_WRAPPERS: readonly string[] = [...WRAPPERS.map(([name]) => name), ...FURTHER_WRAPPERS]

/** Phones put three around each other; more than this many are left on. */
const MAX_DEPTH = 16

/**
 * The content of a message inside all wrappers there are, in whatever order: of the JSON that is told as of the library's
 * messages. It has the outer context (secret, device list) if it has none itself.
 */
export function innermost<Message extends object>(message: Message): Message {
  let inner = message
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const next = contentInside(inner)
    if (!next) break
    inner = next
  }
  return inner
}

function contentInside<Message extends object>(message: Message): Message | undefined {
  const members = message as Record<string, unknown>
  for (const name of MESSAGE_WRAPPERS) {
    if (!Object.hasOwn(members, name)) continue
    const content = (members[name] as { message?: unknown } | null)?.message
    if (typeof content !== 'object' || content === null) continue
    const { messageContextInfo } = members
    const needsContext = messageContextInfo && !(content as Record<string, unknown>).messageContextInfo
    return (needsContext ? { ...content, messageContextInfo } : content) as Message
  }
  return undefined
}

/** Whether a message in a group is a status that the group's members see. */
export function isStatusOfGroup(message: ProtoJson): boolean {
  return Boolean(message.groupStatusMessage ?? message.groupStatusMessageV2)
}

/** What a message says, whether it came open or sealed. */
export function messageOf({ raw, decrypted }: { raw: ProtoJson; decrypted?: ProtoJson }): ProtoJson {
  return innermost(decrypted ?? raw)
}

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
  return isObject(value) ? value : undefined
}

/** The objects in a list. */
export function objectsIn(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : []
}

/** Whether a value is an object, and no list. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
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
  'groupRootKeyShare',
  'messageContextInfo',
  'rootSecretDistributeMessage',
])

/** Whether a message without its wrappers has no other members than these. */
export function holdsOnly(message: ProtoJson, members: ReadonlySet<string>): boolean {
  return Object.keys(message).every((member) => members.has(member))
}
