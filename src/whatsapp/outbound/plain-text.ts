import { isLidJid } from '../../lib/jid.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { randomBytes } from '../../lib/random.ts'
import type { SharedCaches } from '../library/caches.ts'
import {
  type BinaryNode,
  encodeSignedDeviceIdentity,
  getMessageReportingToken,
  isTcTokenExpired,
  jidEncode,
  proto,
  shouldSendNewTcToken,
  type WASocket,
} from '../library/engine.ts'
import { userPart, withoutDevice } from '../wire/jid.ts'

interface Way {
  socket: WASocket
  userId: string
  caches: SharedCaches
  log: Logger
}

/** A message about to leave. */
export interface LeavingMessage {
  id: string
  /** The recipient in the stanza. */
  to: string
  message: proto.IMessage
  /** The same in protobuf. */
  encoded: Uint8Array
  /** What stands in the stanza beside it. */
  attributes: Record<string, string>
  nodes?: BinaryNode[] | undefined
}

/** Where the copies of a message go. */
interface Devices {
  /** JIDs of the recipient's devices. */
  theirs: string[]
  /** JIDs of the account's other devices, which are told what it sent. */
  own: string[]
}

interface Copy {
  node: BinaryNode
  /** Whether the device has to open its session from it. */
  opensSession: boolean
}

/** The parts of a text; what has others may have other marks in its stanza. */
const TEXT_PARTS = new Set(['conversation', 'extendedTextMessage', 'messageContextInfo'])
const LONGEST_PADDING = 16

/**
 * Writes a text for one person whose devices and Signal sessions are known: most of what is sent. The library's own way asks
 * for each of them again under a lock of the whole account. Gives false, having written nothing, where something is to be
 * asked or renewed first; the library does that. Rejects when the socket is closed.
 * Source of the stanza: what the library writes, and for the reporting token whatsmeow 2026-08-21, `reportingtoken.go`.
 */
export async function writePlainText(way: Way, leaving: LeavingMessage): Promise<boolean> {
  const { socket } = way
  const { to, message } = leaving
  const self = socket.authState.creds.me?.lid
  if (!self || !isLidJid(to) || !isPlainText(message)) return false
  const devices = knownDevices(way, { to, self })
  if (!devices || !(await haveSessions(socket, devices))) return false
  const trust = await trustIn(socket, to)
  if (!trust) return false
  const [own, theirs] = await Promise.all([
    copies(way, devices.own, () => encodeForOwn(leaving)),
    copies(way, devices.theirs, () => leaving.encoded),
  ])
  // A session went away meanwhile. Nothing has left, and a key of a ratchet that is passed over harms nobody.
  if (theirs.length === 0 || (devices.own.length > 0 && own.length === 0)) return false
  const participants = [...own, ...theirs]
  await socket.sendNode({
    tag: 'message',
    attrs: { id: leaving.id, to, type: 'text', ...leaving.attributes },
    content: [
      { tag: 'participants', attrs: {}, content: participants.map(({ node }) => node) },
      ...(participants.some(({ opensSession }) => opensSession) ? identityNodes(socket) : []),
      ...(await reportingNodes(way, leaving, withoutDevice(self))),
      ...trust,
      ...(leaving.nodes ?? []),
    ],
  })
  return true
}

function isPlainText(message: proto.IMessage): boolean {
  return Object.entries(message).every(([part, value]) => value == null || TEXT_PARTS.has(part))
}

/** The devices a message is for, undefined where they are not all known; the one that sends is none of them. */
function knownDevices(
  { caches, userId }: Way,
  { to, self }: { to: string; self: string },
): Devices | undefined {
  const [theirs, own] = [to, self].map((jid) =>
    caches
      .devicesOf(userId, userPart(jid))
      ?.map(({ user, server, device }) => jidEncode(user, server, device)),
  )
  // In the chat with oneself, and for somebody without a device, other rules hold.
  if (!own || !theirs?.length || userPart(to) === userPart(self)) return undefined
  return { theirs, own: own.filter((jid) => jid !== self) }
}

async function haveSessions({ signalRepository }: WASocket, { theirs, own }: Devices): Promise<boolean> {
  const found = await Promise.all([...own, ...theirs].map((jid) => signalRepository.validateSession(jid)))
  return found.every(({ exists }) => exists)
}

/** The token by which the recipient trusts the account, if there is one; undefined where tokens are to be renewed. */
async function trustIn({ authState, serverProps }: WASocket, to: string): Promise<BinaryNode[] | undefined> {
  const { [to]: entry } = await authState.keys.get('tctoken', [to])
  if (shouldSendNewTcToken(entry?.senderTimestamp)) return undefined
  if (!entry?.token?.length) return []
  if (isTcTokenExpired(entry.timestamp)) return undefined
  return serverProps.privacyTokenOn1to1 ? [{ tag: 'tctoken', attrs: {}, content: entry.token }] : []
}

/** The message encrypted for each device; one of several that cannot be encrypted for is left out, as by the library. */
async function copies({ socket, log }: Way, jids: string[], encode: () => Uint8Array): Promise<Copy[]> {
  if (jids.length === 0) return []
  const encoded = encode()
  const encrypted = await Promise.all(
    jids.map(async (jid): Promise<Copy[]> => {
      try {
        const { type, ciphertext } = await socket.signalRepository.encryptMessage({
          jid,
          data: padded(encoded),
        })
        const enc = { tag: 'enc', attrs: { v: '2', type }, content: ciphertext }
        return [{ node: { tag: 'to', attrs: { jid }, content: [enc] }, opensSession: type === 'pkmsg' }]
      } catch (error) {
        log.warn({ err: error, jid }, 'a message could not be encrypted for a device')
        return []
      }
    }),
  )
  return encrypted.flat()
}

/** Proves to devices that open a session that this one belongs to the account. */
function identityNodes({ authState }: WASocket): BinaryNode[] {
  const { account } = authState.creds
  if (!account) return []
  return [{ tag: 'device-identity', attrs: {}, content: encodeSignedDeviceIdentity(account, true) }]
}

/** What the account's own devices are told. */
function encodeForOwn({ to, message }: LeavingMessage): Uint8Array {
  const { messageContextInfo } = message
  return proto.Message.encode({
    deviceSentMessage: { destinationJid: to, message },
    messageContextInfo,
  }).finish()
}

/** With 1 to 16 bytes at its end that all have their number. The library's own asks the system for each single random byte. */
function padded(encoded: Uint8Array): Buffer {
  const length = 1 + ((randomBytes(1)[0] ?? 0) % LONGEST_PADDING)
  return Buffer.concat([encoded, Buffer.alloc(length, length)])
}

/**
 * The token by which WhatsApp knows a message that its recipient reports. The library would make it of the padded message,
 * which most paddings break, and with the chat in the sender's place; `fromMe: false` has its function name the sender and
 * then the chat. A text leaves without one rather than not at all.
 */
async function reportingNodes(
  { log }: Way,
  { id, to, message, encoded }: LeavingMessage,
  sender: string,
): Promise<BinaryNode[]> {
  try {
    const key = { id, fromMe: false, participant: sender, remoteJid: to }
    const node = await getMessageReportingToken(Buffer.from(encoded), message, key)
    return node ? [node] : []
  } catch (error) {
    log.warn({ err: error, message: id }, 'a text leaves without a reporting token')
    return []
  }
}
