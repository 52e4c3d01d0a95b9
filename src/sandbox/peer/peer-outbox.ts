import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { STATUS_JID } from '../../lib/jid.ts'
import { areJidsSameUser, type BinaryNode, jidDecode, type proto } from '../../whatsapp/library/engine.ts'
import { messageAttributes } from '../content/attributes.ts'
import { messageFromJson, messageToJson, savedBytes } from '../saved/shapes.ts'
import { type Account, addressServer, type Device } from '../world/account.ts'
import { type Addressee, DeviceDirectory } from '../world/device-directory.ts'
import type { Network } from '../world/network.ts'
import { type Attributes, child, node, unixSeconds } from '../world/node.ts'
import type { Ciphertext, SignalEndpoint } from './signal-endpoint.ts'

// Messages kept for devices that ask for them again; the oldest are forgotten.
const MAX_KEPT = 500
// A device that still cannot decrypt after that many copies never will.
const MAX_COPIES = 5

/** A message that the service accepted. */
export interface SentMessage {
  id: string
  /** The chat's JID. */
  chat: string
  /** Unix seconds. */
  timestamp: number
  message: proto.IMessage
}

/** A message to one companion of the own account, outside of any chat. */
interface ForCompanion {
  deviceId: number
  message: proto.IMessage
}

/** What a phone has sent, oldest first, and who holds its sender keys, as it is saved. Messages are encoded. */
export const savedOutbox = z.object({
  senderKeyHolders: z.record(z.string(), z.array(z.string())),
  sent: z
    .array(z.object({ id: z.string(), chat: z.string(), timestamp: z.number(), message: savedBytes }))
    .default([]),
  forCompanions: z.array(z.object({ id: z.string(), deviceId: z.int(), message: savedBytes })).default([]),
})

/** Encrypts what a simulated phone sends and hands it to the network, in the stanzas a real client writes. */
export class PeerOutbox {
  readonly #network: Network
  readonly #self: Device
  readonly #signal: SignalEndpoint
  readonly #directory: DeviceDirectory
  readonly #sent = new Map<string, SentMessage>()
  /** What it sent to companions of the own account alone, by id. */
  readonly #forCompanions = new Map<string, ForCompanion>()
  /** By group: the devices (LID) that were given this phone's sender key. */
  readonly #keyHolders = new Map<string, Set<string>>()
  #refusal: { id: string; code: string } | undefined

  constructor(
    network: Network,
    self: Device,
    { signal, saved }: { signal: SignalEndpoint; saved?: z.output<typeof savedOutbox> },
  ) {
    this.#network = network
    this.#self = self
    this.#signal = signal
    this.#directory = new DeviceDirectory(network, self, signal)
    for (const [group, holders] of Object.entries(saved?.senderKeyHolders ?? {}))
      this.#keyHolders.set(group, new Set(holders))
    for (const { message, ...sent } of saved?.sent ?? [])
      this.#sent.set(sent.id, { ...sent, message: messageFromJson(message) })
    for (const { id, deviceId, message } of saved?.forCompanions ?? [])
      this.#forCompanions.set(id, { deviceId, message: messageFromJson(message) })
  }

  toJson(): z.input<typeof savedOutbox> {
    const holders = [...this.#keyHolders].map(([group, devices]): [string, string[]] => [group, [...devices]])
    return {
      senderKeyHolders: Object.fromEntries(holders),
      sent: this.messages.map((sent) => ({ ...sent, message: messageToJson(sent.message) })),
      forCompanions: [...this.#forCompanions].map(([id, { deviceId, message }]) => ({
        id,
        deviceId,
        message: messageToJson(message),
      })),
    }
  }

  /** What it sent, newest last. */
  get messages(): SentMessage[] {
    return [...this.#sent.values()]
  }

  /** A message this phone sent earlier. */
  find(id: string): SentMessage | undefined {
    return this.#sent.get(id)
  }

  /**
   * Sends to a user (phone-number or LID JID), a group, or as a status to those of its audience.
   * @throws Error when the service refuses the message or nobody can receive it.
   */
  async send(
    chat: string,
    message: proto.IMessage,
    { id = newMessageId(), audience }: { id?: string; audience?: readonly Account[] } = {},
  ): Promise<SentMessage> {
    const stanza =
      chat === STATUS_JID
        ? await this.#statusStanza(audience ?? [], message, id)
        : isShared(chat)
          ? await this.#groupStanza(chat, message, id)
          : await this.#userStanza(chat, message, id)
    const sent = { id, chat, timestamp: unixSeconds(), message }
    // Before the relay: a device that cannot decrypt asks for another copy at once.
    this.#remember(sent)
    this.#submit(stanza)
    return sent
  }

  /** Sends something to one companion of the own account alone: keys, history, answers to its requests. */
  async sendToCompanion(companion: Device, message: proto.IMessage): Promise<void> {
    const { account, id: deviceId } = companion
    const addressee = { jid: account.jid(deviceId), lid: account.lidJid(deviceId) }
    const [ready] = await this.#directory.withSessions([addressee])
    if (!ready) throw new Error(`${addressee.jid} has uploaded no keys yet`)
    const encrypted = await this.#signal.encrypt(ready.lid, message)
    const id = newMessageId()
    this.#forCompanions.set(id, { deviceId, message })
    dropOldest(this.#forCompanions)
    this.#submit(peerMessage(id, ready.jid, encNode(encrypted)))
  }

  /** A message that one companion was sent. */
  findForCompanion(id: string): proto.IMessage | undefined {
    return this.#forCompanions.get(id)?.message
  }

  /** Answers a retry receipt: the same message again, under the same id, for the device that asked. */
  async repeat(receipt: BinaryNode): Promise<void> {
    const { id = '', from = '', participant } = receipt.attrs
    const sent = this.#sent.get(id)
    const forCompanion = this.#forCompanions.get(id)
    const asker = participant ?? from
    const account = this.#network.findAccount(asker)
    const count = Number(child(receipt, 'retry')?.attrs.count ?? 1)
    if ((!sent && !forCompanion) || !account || count > MAX_COPIES) return

    const lid = account.lidJid(jidDecode(asker)?.device ?? 0)
    const keys = child(receipt, 'keys')
    if (keys) await this.#signal.openSession(lid, receipt, keys)
    else await this.#directory.renewSessions([{ jid: asker, lid }])

    if (!sent) {
      await this.#repeatForCompanion(id, { asker, lid, count })
      return
    }
    const isGroup = isShared(sent.chat)
    const isOwn = account === this.#self.account
    const content = isGroup
      ? await this.#withSenderKey(sent)
      : isOwn
        ? ownCopy(sent.chat, sent.message)
        : sent.message
    const to = isGroup
      ? { to: sent.chat, participant: asker }
      : { to: asker, recipient: isOwn ? sent.chat : undefined }
    const encrypted = await this.#signal.encrypt(lid, content)
    const copy = encNode(encrypted, { ...encAttributes(sent.message), count })
    this.#submit(messageNode({ id, ...to }, sent.message, [copy]))
  }

  async #repeatForCompanion(id: string, to: { asker: string; lid: string; count: number }): Promise<void> {
    const { deviceId, message } = this.#forCompanions.get(id) ?? {}
    const asker = this.#network.findDevice(to.asker)
    // It is for one device; nobody else can have got a copy.
    if (!message || asker?.account !== this.#self.account || asker.id !== deviceId) return
    const encrypted = await this.#signal.encrypt(to.lid, message)
    this.#submit(peerMessage(id, to.asker, encNode(encrypted, { count: to.count })))
  }

  /** Takes the service's answer to a message. It arrives while the message is being handed over. */
  acknowledged(ack: BinaryNode): void {
    const { id, error } = ack.attrs
    if (id && error) this.#refusal = { id, code: error }
  }

  async #userStanza(chat: string, message: proto.IMessage, id: string): Promise<BinaryNode> {
    const { account } = this.#self
    const server = addressServer(chat)
    const found = await this.#directory.devicesOf([...new Set([account.address(server), chat])])
    const devices = await this.#directory.withSessions(found)
    const copies: BinaryNode[] = []
    for (const device of devices) {
      const isOwn = areJidsSameUser(device.jid, account.address(server))
      const content = isOwn ? ownCopy(chat, message) : message
      copies.push(await this.#copyFor(device, content, message))
    }
    return messageNode({ id, to: chat }, message, [node('participants', {}, copies)])
  }

  async #groupStanza(chat: string, message: proto.IMessage, id: string): Promise<BinaryNode> {
    const { members, addressing } = await this.#directory.group(chat)
    const found = await this.#directory.devicesOf(members)
    const holders = this.#keyHolders.get(chat) ?? new Set<string>()
    this.#keyHolders.set(chat, holders)
    const { ciphertext, distribution } = await this.#signal.encryptForGroup(chat, message)

    const newcomers = await this.#directory.withSessions(found.filter(({ lid }) => !holders.has(lid)))
    const copies: BinaryNode[] = []
    for (const device of newcomers) {
      copies.push(await this.#copyFor(device, distribution, message))
      holders.add(device.lid)
    }
    const attrs = { id, to: chat, addressing_mode: addressing === 'lid' ? 'lid' : 'pn' }
    const shared = encNode({ type: 'skmsg', bytes: ciphertext }, encAttributes(message))
    const keys = copies.length > 0 ? [node('participants', {}, copies)] : []
    return messageNode(attrs, message, [shared, ...keys])
  }

  /** Unlike a group's, the list of its devices is complete each time: the service knows no other audience. */
  async #statusStanza(
    audience: readonly Account[],
    message: proto.IMessage,
    id: string,
  ): Promise<BinaryNode> {
    const viewers = new Set([this.#self.account, ...audience].map((account) => account.lidJid()))
    const found = await this.#directory.withSessions(await this.#directory.devicesOf([...viewers]))
    const { ciphertext, distribution } = await this.#signal.encryptForGroup(STATUS_JID, message)
    const copies: BinaryNode[] = []
    for (const device of found) copies.push(await this.#copyFor(device, distribution, message))
    const shared = encNode({ type: 'skmsg', bytes: ciphertext }, encAttributes(message))
    const keys = copies.length > 0 ? [node('participants', {}, copies)] : []
    return messageNode({ id, to: STATUS_JID }, message, [shared, ...keys])
  }

  /** After a new identity everybody has to be given the sender keys anew. */
  forgetKeyHolders(): void {
    this.#keyHolders.clear()
  }

  async #copyFor(device: Addressee, content: proto.IMessage, message: proto.IMessage): Promise<BinaryNode> {
    const encrypted = await this.#signal.encrypt(device.lid, content)
    return node('to', { jid: device.jid }, [encNode(encrypted, encAttributes(message))])
  }

  async #withSenderKey({ chat, message }: SentMessage): Promise<proto.IMessage> {
    return { ...message, ...(await this.#signal.senderKey(chat)) }
  }

  #remember(sent: SentMessage): void {
    this.#sent.set(sent.id, sent)
    dropOldest(this.#sent)
  }

  #submit(stanza: BinaryNode): void {
    this.#refusal = undefined
    this.#network.receive(this.#self, stanza)
    // Assigned by `acknowledged` during the call above, which the compiler cannot see.
    const refusal = this.#refusal as { id: string; code: string } | undefined
    if (refusal?.id === stanza.attrs.id)
      throw new Error(`the message was refused with error ${refusal?.code}`)
  }
}

/** A chat whose messages are encrypted once for everybody. */
function isShared(chat: string): boolean {
  const server = jidDecode(chat)?.server
  return server === 'g.us' || server === 'broadcast'
}

function dropOldest(kept: Map<string, unknown>): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) return
    kept.delete(oldest)
  }
}

function peerMessage(id: string, to: string, encrypted: BinaryNode): BinaryNode {
  const attrs = { id, to, type: 'text', category: 'peer', push_priority: 'high' }
  return node('message', attrs, [encrypted, node('meta', { appdata: 'default' })])
}

/** A message id in the form phones use. */
function newMessageId(): string {
  return `3A${randomBytes(9).toString('hex').toUpperCase()}`
}

/** What the sender's other devices get: the message and the chat it went to. */
function ownCopy(chat: string, message: proto.IMessage): proto.IMessage {
  return {
    deviceSentMessage: { destinationJid: chat, message },
    messageContextInfo: message.messageContextInfo,
  }
}

function messageNode(attrs: Attributes, message: proto.IMessage, content: BinaryNode[]): BinaryNode {
  const { type, edit, meta } = messageAttributes(message)
  return node('message', { ...attrs, type, edit }, [...content, ...(meta ? [node('meta', meta)] : [])])
}

function encAttributes(message: proto.IMessage) {
  const { mediatype, decryptFail } = messageAttributes(message)
  return { mediatype, 'decrypt-fail': decryptFail }
}

function encNode(
  { type, bytes }: Ciphertext,
  attrs: Record<string, string | number | undefined> = {},
): BinaryNode {
  return node('enc', { v: 2, type, ...attrs }, bytes)
}
