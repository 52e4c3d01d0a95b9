import { z } from 'zod'
import { type BinaryNode, jidDecode, proto } from '../../whatsapp/library/engine.ts'
import { messageFromJson, messageToJson, savedBytes } from '../saved/shapes.ts'
import { addressServer, type Device } from '../world/account.ts'
import { textOf } from '../world/message-parts.ts'
import type { Network } from '../world/network.ts'
import { child, children, node, unixSeconds } from '../world/node.ts'
import { showEdit } from './edits.ts'
import { whyHidden } from './shown.ts'
import type { Ciphertext, SignalEndpoint } from './signal-endpoint.ts'

// Messages kept for whoever asks; the oldest are forgotten.
const MAX_KEPT = 500
// Real clients ask five times for a message they cannot decrypt.
const MAX_RETRIES = 5

/** A decrypted message. */
export interface ReceivedMessage {
  id: string
  /** The chat's JID as it was addressed: a group, or the other side's phone number or LID. */
  chat: string
  /** The writer's phone-number JID, without the device. */
  from: string
  /** Written by the own account on another device. */
  fromMe: boolean
  /** Unix seconds. */
  timestamp: number
  pushName: string
  /** Its text or caption. */
  text: string | undefined
  /** How often it had to be asked for again. */
  retries: number
  message: proto.IMessage
  /** Whether its owner sees it on the screen. */
  shown: boolean
  /** Why not. */
  hiddenBecause: string | undefined
  /** The attributes it arrived with, and what its ciphertext and its `<meta>` said beside it. */
  stanza: Record<string, string>
}

/** What a phone has received, oldest first, and how often it has asked for what it could not read. Messages are encoded. */
export const savedInbox = z.object({
  received: z
    .array(
      z.object({
        id: z.string(),
        chat: z.string(),
        from: z.string(),
        fromMe: z.boolean(),
        timestamp: z.number(),
        pushName: z.string(),
        retries: z.number(),
        message: savedBytes,
        hiddenBecause: z.string().optional(),
        stanza: z.record(z.string(), z.string()),
      }),
    )
    .default([]),
  retries: z.record(z.string(), z.number()).default({}),
})

/** Decrypts what reaches a simulated phone, sends the receipts and asks again for what it cannot decrypt. */
export class PeerInbox {
  readonly messages: ReceivedMessage[]
  /** The keys of the messages. */
  readonly #known: Set<string>
  readonly #network: Network
  readonly #self: Device
  readonly #signal: SignalEndpoint
  readonly #retries: Map<string, number>

  constructor(
    network: Network,
    self: Device,
    { signal, saved }: { signal: SignalEndpoint; saved?: z.output<typeof savedInbox> },
  ) {
    this.#network = network
    this.#self = self
    this.#signal = signal
    this.messages = (saved?.received ?? []).map(receivedFromJson)
    this.#known = new Set(this.messages.map(({ stanza }) => keyOf(stanza)))
    this.#retries = new Map(Object.entries(saved?.retries ?? {}))
  }

  toJson(): z.input<typeof savedInbox> {
    const received = this.messages.map(({ text: _text, shown: _shown, ...kept }) => ({
      ...kept,
      message: messageToJson(kept.message),
    }))
    return { received, retries: Object.fromEntries(this.#retries) }
  }

  find(id: string): ReceivedMessage | undefined {
    return this.messages.findLast((message) => message.id === id)
  }

  /** What a receipt of type `retry` holds. */
  retryRequest({ count, id, t }: { count: number; id: string; t?: string }): BinaryNode[] {
    return [node('retry', { count, id, t, v: 1, error: 0 }), ...this.#signal.retryKeys()]
  }

  /** Takes a `<message>`; returns it decrypted unless it holds nothing to show, was seen before or has to come again. */
  async receive(stanza: BinaryNode): Promise<ReceivedMessage | undefined> {
    const isRepeated = this.#known.has(keyOf(stanza.attrs))
    let content: proto.IMessage | undefined
    try {
      content = await this.#decrypt(stanza)
    } catch {
      // The reason is of no use: whatever it is, the sender has to encrypt again, and a repeated copy is not needed.
      if (!isRepeated) this.#askAgain(stanza)
      return undefined
    }
    this.#acknowledge(stanza)
    if (isRepeated || !content) return undefined
    return this.#keep(stanza, content)
  }

  async #decrypt(stanza: BinaryNode): Promise<proto.IMessage | undefined> {
    const { from = '', participant } = stanza.attrs
    const writer = participant ?? from
    const account = this.#network.findAccount(writer)
    if (!account) throw new Error(`a message from the unknown ${writer}`)
    const lid = account.lidJid(jidDecode(writer)?.device ?? 0)

    let whole: proto.IMessage = {}
    for (const part of children(stanza)) {
      if (!(part.content instanceof Uint8Array)) continue
      if (part.tag === 'plaintext') whole = proto.Message.decode(part.content)
      if (part.tag !== 'enc') continue
      const message = await this.#signal.decrypt(from, lid, this.#ciphertext(part.attrs.type, part.content))
      whole = { ...whole, ...(message.deviceSentMessage?.message ?? message) }
    }
    // A sender key and the envelope's own data are nothing to show.
    const { senderKeyDistributionMessage: _key, messageContextInfo: _info, ...content } = whole
    return Object.keys(content).length > 0 ? whole : undefined
  }

  #ciphertext(type: string | undefined, bytes: Uint8Array): Ciphertext {
    if (type !== 'pkmsg' && type !== 'msg' && type !== 'skmsg') throw new Error(`unknown encryption ${type}`)
    // A linked account's companions are the ones meant to fail; its phone would use the fault up.
    const isContact = this.#self.account.devices.size === 1
    if (!isContact || !this.#network.faults.take('corrupt-message', this.#self.account))
      return { type, bytes }
    const corrupted = Uint8Array.from(bytes)
    // Three quarters into a ciphertext of any type and length there is encrypted text, not a key or an id.
    const position = Math.floor(bytes.length * 0.75)
    corrupted[position] = (corrupted[position] ?? 0) ^ 1
    return { type, bytes: corrupted }
  }

  #askAgain({ attrs }: BinaryNode): void {
    const { id = '', from, participant, recipient, t } = attrs
    const count = (this.#retries.get(keyOf(attrs)) ?? 0) + 1
    if (count > MAX_RETRIES) return
    this.#retries.set(keyOf(attrs), count)
    for (const oldest of this.#retries.keys()) {
      if (this.#retries.size <= MAX_KEPT) break
      this.#retries.delete(oldest)
    }
    const content = this.retryRequest({ count, id, t })
    this.#network.receive(
      this.#self,
      node('receipt', { id, to: from, type: 'retry', participant, recipient }, content),
    )
  }

  #acknowledge({ attrs }: BinaryNode): void {
    const { id, from, participant, recipient, category } = attrs
    const isOwn = this.#network.findAccount(participant ?? from ?? '') === this.#self.account
    const type = category === 'peer' ? 'peer_msg' : isOwn ? 'sender' : undefined
    this.#network.receive(this.#self, node('receipt', { id, to: from, participant, recipient, type }))
  }

  #keep(stanza: BinaryNode, message: proto.IMessage): ReceivedMessage {
    const { attrs } = stanza
    const hiddenBecause = whyHidden(message, stanza)
    const { id = '', from = '', participant, recipient, t, notify } = attrs
    const writer = this.#network.findAccount(participant ?? from)
    const server = addressServer(from)
    const received = {
      id,
      chat: participant ? from : (recipient ?? writer?.address(server) ?? from),
      from: writer?.jid() ?? from,
      fromMe: writer === this.#self.account,
      timestamp: Number(t ?? unixSeconds()),
      pushName: notify ?? '',
      text: textOf(message),
      retries: this.#retries.get(keyOf(attrs)) ?? 0,
      message,
      shown: hiddenBecause === undefined,
      hiddenBecause,
      stanza: announced(stanza),
    }
    this.#retries.delete(keyOf(attrs))
    // What a companion asks of its phone belongs to no chat.
    if (attrs.category === 'peer') return received
    showEdit(this.messages, received)
    this.messages.push(received)
    this.#known.add(keyOf(received.stanza))
    const outdated = this.messages.length > MAX_KEPT ? this.messages.shift() : undefined
    if (outdated) this.#known.delete(keyOf(outdated.stanza))
    return received
  }
}

function receivedFromJson(saved: z.output<typeof savedInbox>['received'][number]): ReceivedMessage {
  const message = messageFromJson(saved.message)
  const { hiddenBecause } = saved
  return { ...saved, message, text: textOf(message), shown: hiddenBecause === undefined, hiddenBecause }
}

/** What the stanza says of the content inside: `type`, `edit`, `mediatype`, `decrypt-fail`, `polltype`, … */
function announced(stanza: BinaryNode): Record<string, string> {
  const { mediatype, 'decrypt-fail': decryptFail } = child(stanza, 'enc')?.attrs ?? {}
  return {
    ...stanza.attrs,
    ...(mediatype !== undefined && { mediatype }),
    ...(decryptFail !== undefined && { 'decrypt-fail': decryptFail }),
    ...child(stanza, 'meta')?.attrs,
  }
}

/** Whoever sends chooses the id of a message freely, so that only with its sender it names one. */
function keyOf({ id, from, participant }: BinaryNode['attrs']): string {
  const writer = jidDecode(participant ?? from)
  return `${id} ${writer?.user}@${writer?.server}:${writer?.device ?? 0} ${participant ? from : ''}`
}
