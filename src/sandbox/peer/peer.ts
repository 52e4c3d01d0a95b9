import type { z } from 'zod'
import { STATUS_JID } from '../../lib/jid.ts'
import { type BinaryNode, Curve, jidDecode, type proto } from '../../whatsapp/library/engine.ts'
import { PhoneLine } from '../calls/phone-line.ts'
import { sendSignal } from '../calls/signals.ts'
import type { ContentOptions } from '../content/context-info.ts'
import { pollVote } from '../content/poll-vote.ts'
import type { ContentContext } from '../content/word.ts'
import { type Content, say } from '../content/words.ts'
import { type Account, addressServer, type Device, type KeyBundle } from '../world/account.ts'
import { decryptMedia, encryptMedia } from '../world/media-cipher.ts'
import { answerMediaRetry } from '../world/media-retry.ts'
import { fileOf, textOf } from '../world/message-parts.ts'
import type { Network } from '../world/network.ts'
import { children, node, unixSeconds } from '../world/node.ts'
import { asStatus, statusAudience } from '../world/status-audience.ts'
import {
  type CallSignal,
  type ForgedReceipt,
  type Observation,
  type ReceiptType,
  receiptFor,
  type Typing,
} from './actions.ts'
import { ChatTimers } from './chat-timers.ts'
import { historyMessages, uploadHistoryAgain } from './history.ts'
import { Memory } from './memory.ts'
import { PeerInbox, type ReceivedMessage } from './peer-inbox.ts'
import { PeerOutbox, type SentMessage } from './peer-outbox.ts'
import { answerCompanion, type PhoneArchive } from './phone.ts'
import { PhoneWork } from './phone-work.ts'
import { answerTo, type Press } from './press.ts'
import type { SavedPhone, savedPhone } from './saved-phone.ts'
import type { Opened } from './sealed-parts.ts'
import { SharedSettings } from './shared-settings.ts'
import { SignalEndpoint } from './signal-endpoint.ts'

// Observations kept for whoever asks; the oldest are forgotten.
const MAX_OBSERVATIONS = 500
/** People a phone knows, the newest of the network. */
const ADDRESS_BOOK = 250

/** What was sent: the message, and the ids of those that belong to it. */
export type SentWords = SentMessage & { items: string[] }

/**
 * A phone: device 0 of an account, be it a scripted contact or the owner of linked companions. It is a Signal
 * endpoint of its own, so clients really encrypt for it and really decrypt what it sends. Its work is done one step
 * at a time, as ratchets demand.
 */
export class Peer implements Device {
  readonly id = 0
  readonly account: Account
  /** Answer to every message with a text; `{text}` stands for that text and `{name}` for the writer's name. */
  autoReply: string | undefined
  /** Its calls. */
  readonly line: PhoneLine
  readonly #network: Network
  readonly #signal: SignalEndpoint
  readonly #inbox: PeerInbox
  readonly #outbox: PeerOutbox
  readonly #memory: Memory
  readonly #timers: ChatTimers
  readonly #settings: SharedSettings
  readonly #work = new PhoneWork()
  readonly #observations: Observation[] = []

  constructor(network: Network, account: Account, saved?: SavedPhone) {
    this.account = account
    this.#network = network
    const signal = new SignalEndpoint(account.lidJid(), account.identity, saved)
    this.#signal = signal
    this.#inbox = new PeerInbox(network, this, { signal, saved })
    this.#outbox = new PeerOutbox(network, this, { signal, saved })
    this.#memory = new Memory(network, account, { inbox: this.#inbox, outbox: this.#outbox })
    this.#timers = new ChatTimers(network, saved)
    this.#settings = new SharedSettings(network, account, saved)
    this.autoReply = saved?.autoReply
    this.line = new PhoneLine({
      network,
      device: this,
      signal,
      run: (task) => this.#work.run(task),
      failed: (stanza, error) => this.#report(stanza, error),
    })
  }

  phoneToJson(): z.input<typeof savedPhone> {
    return {
      ...this.#signal.toJson(),
      ...this.#settings.toJson(),
      ...this.#outbox.toJson(),
      ...this.#inbox.toJson(),
      ...this.#timers.toJson(),
      ...this.#work.toJson(),
      autoReply: this.autoReply,
    }
  }

  pause(): Promise<() => void> {
    return this.#work.pause()
  }

  /** What it decrypted, newest last. */
  get messages(): readonly ReceivedMessage[] {
    return this.#inbox.messages
  }

  /** What somebody sealed in a message it received; undefined where nothing is sealed. */
  open(received: ReceivedMessage): Opened | undefined {
    return this.#memory.open(received)
  }

  /** What else reached it, newest last. */
  get observations(): readonly Observation[] {
    return this.#observations
  }

  takeBundle(): KeyBundle {
    return this.#signal.takeBundle()
  }

  deliver(stanza: BinaryNode): void {
    if (stanza.tag === 'message') {
      this.#take(stanza, () => this.#receive(stanza))
      return
    }
    if (stanza.tag === 'ack') {
      if (stanza.attrs.class === 'call') this.line.take(stanza)
      else this.#outbox.acknowledged(stanza)
      return
    }

    this.#observe(stanza.tag, stanza.attrs, children(stanza))
    if (stanza.tag === 'call') this.line.take(stanza)
    if (stanza.tag === 'receipt' && stanza.attrs.type === 'retry') {
      this.#take(stanza, () => this.#outbox.repeat(stanza))
    }
    if (stanza.tag === 'receipt' && stanza.attrs.type === 'server-error') this.#uploadAgain(stanza)
  }

  /**
   * Sends one thing to a number, addressed as the account addresses people, a user's JID, which is addressed as it says, or a
   * group. What consists of several messages is sent one after the other.
   * @throws Error when nobody has the number, the content is wrong or the service refuses the message.
   */
  async send(to: string, content: Content, options: ContentOptions = {}): Promise<SentWords> {
    const chat = this.#chatJid(to)
    const { message, items } = await say(
      content,
      { ...options, expiration: options.expiration ?? this.#timers.secondsOf(chat) },
      this.#contextIn(chat),
    )
    const first = await this.#post(chat, message, options.id)
    const sent: SentMessage[] = []
    for (const item of items?.(this.#memory.keyOf(chat, first.id)) ?? [])
      sent.push(await this.#post(chat, item))
    return { ...first, items: sent.map(({ id }) => id) }
  }

  /**
   * Votes in a poll it received or made, in the chat the poll is in; no options take its vote back.
   * @throws Error when there is no such poll, or it has no such option.
   */
  async vote(id: string, options: string[]): Promise<SentMessage> {
    const { chat } = this.#memory.find(id) ?? {}
    if (!chat) throw new Error(`there is no poll ${id}`)
    return this.#post(chat, pollVote(this.#contextIn(chat), id, options))
  }

  /** Is installed anew: the account has another identity, its sessions and companions are gone, and others are told. */
  reinstall(): void {
    const { account } = this
    for (const device of [...account.devices.values()]) {
      if (device === this) continue
      this.#network.removeDevice(device)
      device.removed?.()
    }
    account.identity = Curve.generateKeyPair()
    this.#signal.reinstall(account.identity)
    this.#outbox.forgetKeyHolders()
    const attrs = { from: account.jid(), lid: account.lidJid(), type: 'encrypt' }
    this.#network.notify(account.deviceListReaders, attrs, [node('identity')])
  }

  /**
   * Presses a button of a message it received; resolves with the answer, undefined where there is none.
   * @throws Error when the message is not on the screen or has no such button.
   */
  async press(id: string, press: Press): Promise<SentWords | undefined> {
    const received = this.#inbox.find(id)
    if (!received) throw new Error(`${this.account.phone} has received no message ${id}`)
    if (!received.shown) throw new Error(`the phone does not show message ${id}: ${received.hiddenBecause}`)
    const answer = answerTo(received.message, press)
    return answer && this.send(received.chat, answer, { quote: id })
  }

  /** Gives a companion of the account, at its first login, the key of the shared settings and the history. */
  companionReady(companion: Device): void {
    void this.#work
      .welcome(companion, () => this.#welcome(companion))
      .catch((error) => {
        this.#observe('failure', { of: 'welcome', reason: String(error) }, [])
      })
  }

  /** Sends a protocol message to one companion of the account, outside of any chat. */
  sendToCompanion(companion: Device, message: proto.IMessage): Promise<void> {
    return this.#work.run(() => this.#outbox.sendToCompanion(companion, message))
  }

  /** Sends receipts for messages it received; unknown ids are an error. */
  sendReceipt(ids: string[], type: ReceiptType): void {
    const groups = new Map<string, ReceivedMessage[]>()
    for (const id of ids) {
      const message = this.#inbox.find(id)
      if (!message) throw new Error(`${this.account.phone} has received no message ${id}`)
      const key = `${message.stanza.from} ${message.stanza.participant}`
      groups.set(key, [...(groups.get(key) ?? []), message])
    }
    for (const messages of groups.values()) this.#network.receive(this, receiptFor(messages, type))
  }

  /**
   * Sends a receipt for any message to the devices of its author. The service writes who it comes from, and looks at
   * nothing else: whether the message was sent to the forger is for its author to know.
   */
  forgeReceipt({ id, type, to, group, recipient, count = 1 }: ForgedReceipt): void {
    const author = this.#chatJid(to)
    const address = addressServer(author)
    for (const device of this.#network.findAccount(author)?.devices.values() ?? []) {
      if (device === this) continue
      const jid = device.account.address(address, device.id)
      const names = group ? { to: group, participant: jid } : { to: jid }
      const attrs = {
        id,
        ...names,
        recipient,
        type: type === 'delivered' ? undefined : type,
        t: unixSeconds(),
      }
      const content = type === 'retry' ? this.#inbox.retryRequest({ id, count }) : undefined
      this.#network.receive(this, node('receipt', attrs, content))
    }
  }

  /** Comes or goes. */
  sendPresence(type: 'available' | 'unavailable'): void {
    this.#network.receive(this, node('presence', { type, name: this.account.name }))
  }

  /** Asks to be told when somebody comes and goes. */
  watch(who: string): void {
    this.#network.receive(this, node('presence', { type: 'subscribe', to: this.#chatJid(who) }))
  }

  /** Shows others that it types or records in a chat. */
  sendTyping(to: string, state: Typing): void {
    const content = state === 'recording' ? node('composing', { media: 'audio' }) : node(state)
    this.#network.receive(this, node('chatstate', { to: this.#chatJid(to) }, [content]))
  }

  /** Says something about a call without sound; see `line` for others. */
  signalCall(to: string, signal: CallSignal): string {
    return sendSignal(this.#network, this, this.#chatJid(to), signal)
  }

  /** The decrypted file of a received message. Throws when there is none or the media host no longer has it. */
  async download(id: string): Promise<Buffer> {
    const file = fileOf(this.#inbox.find(id)?.message)
    if (!file) throw new Error(`message ${id} has no file`)
    const encrypted = this.#network.media.get(file.directPath)
    if (!encrypted) throw new Error(`the media host does not have the file of message ${id}`)
    return decryptMedia(encrypted, file.mediaKey, file.type)
  }

  /** The settings it shares with its companions: archived chats, labels... */
  get settings(): SharedSettings {
    return this.#settings
  }

  /** Resolves when everything that reached it so far has been dealt with. */
  idle(): Promise<void> {
    return this.#work.idle()
  }

  stop(): void {
    this.line.stop()
    this.#signal.stop()
  }

  async #receive(stanza: BinaryNode): Promise<void> {
    const message = await this.#inbox.receive(stanza)
    if (!message) return
    if (stanza.attrs.category === 'peer') return this.#answerCompanion(message)
    this.#timers.note(message.chat, message.message)
    if (message.fromMe || this.autoReply === undefined) return

    const text = textOf(message.message)
    // Two contacts that answer each other would never stop.
    const writer = this.#network.findDevice(message.from)
    if (!text || (writer instanceof Peer && writer.autoReply !== undefined)) return
    const reply = this.autoReply.replaceAll('{text}', text).replaceAll('{name}', message.pushName)
    void this.send(message.chat, { text: reply }).catch((error) => this.#report(stanza, error))
  }

  #uploadAgain(request: BinaryNode): void {
    const { id = '', from, category } = request.attrs
    const companion = this.account.devices.get(jidDecode(from)?.device ?? 0)
    if (category !== 'peer') {
      if (this.#network.faults.take('lose-media-retry', this.account)) return
      companion?.deliver(
        answerMediaRetry(request, fileOf(this.#inbox.find(id)?.message), this.#network.media),
      )
      return
    }
    const announced = this.#outbox.findForCompanion(id)
    if (!companion || !announced) return
    this.#take(request, async () => {
      const again = await uploadHistoryAgain(announced, this.#archive().post)
      if (again) await this.#outbox.sendToCompanion(companion, again)
    })
  }

  #take(stanza: BinaryNode, task: () => Promise<void>): void {
    void this.#work.take(stanza, task).catch((error) => this.#report(stanza, error))
  }

  async #welcome(companion: Device): Promise<void> {
    const { past, post, settings } = this.#archive()
    await settings.fileFor(companion, past.contacts)
    const history = await historyMessages(past, post)
    for (const message of [settings.key.shareMessage(), ...history]) {
      await this.#outbox.sendToCompanion(companion, message)
    }
  }

  async #answerCompanion({ id, stanza, message }: ReceivedMessage): Promise<void> {
    const companion = this.account.devices.get(jidDecode(stanza.from)?.device ?? 0)
    const answer = await answerCompanion(id, message, this.#archive())
    if (companion && answer) await this.#outbox.sendToCompanion(companion, answer)
  }

  #archive(): PhoneArchive {
    const network = this.#network
    const contacts = [...network.accounts.values()].slice(-ADDRESS_BOOK)
    const chatOf = (jid: string) => network.findAccount(jid)?.jid() ?? jid
    return {
      past: { owner: this.account, received: this.messages, sent: this.#outbox.messages, contacts, chatOf },
      post: { media: network.media, nctSalt: this.#settings.nctSalt },
      settings: this.#settings,
    }
  }

  #post(chat: string, message: proto.IMessage, id?: string): Promise<SentMessage> {
    this.#timers.note(chat, message)
    if (chat !== STATUS_JID) return this.#work.run(() => this.#outbox.send(chat, message, { id }))
    const audience = statusAudience(this.account, this.#archive().past.contacts)
    return this.#work.run(() => this.#outbox.send(chat, asStatus(message), { id, audience }))
  }

  #contextIn(chat: string): ContentContext {
    return {
      network: this.#network,
      account: this.account,
      chat,
      upload: async (bytes, kind) => {
        const { encrypted, ...keys } = await encryptMedia(bytes, kind)
        return { ...this.#network.media.put(encrypted), ...keys, mediaKeyTimestamp: unixSeconds() }
      },
      keyOf: (id) => this.#memory.keyOf(chat, id),
      find: (id) => this.#memory.find(id),
      seal: (id, useCase, plain) => this.#memory.seal(chat, id, { useCase, plain }),
      tally: (id) => this.#memory.tally(id),
    }
  }

  #chatJid(to: string): string {
    if (to === STATUS_JID) return to
    const jid = jidDecode(to)
    if (jid?.server === 'g.us') {
      if (!this.#network.findGroup(to)) throw new Error(`there is no group ${to}`)
      return to
    }
    const account = this.#network.findAccount(to)
    if (!account) throw new Error(`nobody has the number ${to}`)
    return account.address(jid ? addressServer(to) : this.account.addressing)
  }

  #report(stanza: BinaryNode, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#observe('failure', { ...stanza.attrs, of: stanza.tag, reason }, [])
  }

  #observe(tag: string, attrs: Record<string, string>, content: BinaryNode[]): void {
    this.#observations.push({ tag, attrs, children: content.map((inner) => inner.tag) })
    if (this.#observations.length > MAX_OBSERVATIONS) this.#observations.shift()
  }
}
