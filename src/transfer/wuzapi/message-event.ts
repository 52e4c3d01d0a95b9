import type { MessageEvent } from '../../events/event.ts'
import { hasMembers } from '../../lib/message-ref.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import { plainMessage } from '../../whatsapp/wire/plain-message.ts'
import { protoJson } from '../../whatsapp/wire/proto-json.ts'

type Members = Record<string, unknown>

/** Longer ones are no messages. */
const MAX_LENGTH = 2_000_000
/** What Go writes in capitals: the other direction of what webhooks say. */
const CAPITALS = /(?<=[a-z0-9])(IDs|ID|JIDs|JID|URL|SHA256|IV|MS|TS|MAC|JSON|CDN|JPEG)(?=[A-Z]|$)/g
const WHOLE_NAMES: Record<string, string> = {
  URL: 'url',
  ID: 'id',
  JID: 'jid',
  PTT: 'ptt',
  HMAC: 'hmac',
  FBID: 'fbid',
  IV: 'iv',
  JPEGThumbnail: 'jpegThumbnail',
  faviconMmsMetadata: 'faviconMMSMetadata',
  oldestMessageTimestampInWindow: 'oldestMessageTimestamp',
}

/**
 * The event behind what a wuzapi has stored of a message, the JSON of whatsmeow's structures. Undefined for what is no
 * message.
 */
export function messageEventOf(text: string): MessageEvent | undefined {
  if (text.length > MAX_LENGTH) return undefined
  try {
    const stored = asMembers(JSON.parse(text))
    const info = asMembers(stored.Info)
    const content = proto.Message.fromObject(asMembers(fieldsOf(stored.RawMessage ?? stored.Message)))
    const chat = textOf(info.Chat)
    const deviceSent = asMembers(info.DeviceSentMeta)
    return {
      ...plainMessage,
      type: 'message',
      id: textOf(info.ID),
      chat,
      sender: textOf(info.Sender),
      fromMe: info.IsFromMe === true,
      isGroup: hasMembers(chat),
      addressingMode: info.AddressingMode === 'lid' ? 'lid' : info.AddressingMode === 'pn' ? 'pn' : '',
      senderAlt: textOf(info.SenderAlt),
      recipientAlt: textOf(info.RecipientAlt),
      serverId: Number(info.ServerID) || 0,
      stanzaType: textOf(info.Type),
      pushName: textOf(info.PushName),
      timestamp: Math.floor(Date.parse(textOf(info.Timestamp)) / 1000) || 0,
      category: textOf(info.Category),
      multicast: info.Multicast === true,
      mediaType: textOf(info.MediaType),
      edit: textOf(info.Edit),
      raw: protoJson(proto.Message, content),
      deviceSent: info.DeviceSentMeta
        ? { destinationJid: textOf(deviceSent.DestinationJID), phash: textOf(deviceSent.Phash) }
        : null,
      sourceWebMessage: null,
    }
  } catch {
    return undefined
  }
}

/** The members of a message under the names of the library's schema. */
function fieldsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fieldsOf)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, content]) => [fieldName(name), fieldsOf(content)])
  return Object.fromEntries(fields)
}

function fieldName(name: string): string {
  const known = Object.hasOwn(WHOLE_NAMES, name) ? WHOLE_NAMES[name] : undefined
  return known ?? name.replace(CAPITALS, (word) => word.charAt(0) + word.slice(1).toLowerCase())
}

function asMembers(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
