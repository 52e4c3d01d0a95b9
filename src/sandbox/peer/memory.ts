import { createHash } from 'node:crypto'
import { STATUS_JID } from '../../lib/jid.ts'
import { jidDecode, jidNormalizedUser, proto } from '../../whatsapp/library/engine.ts'
import { pollIn } from '../content/poll-words.ts'
import { open, type SealContext, seal, type UseCase } from '../content/sealing.ts'
import type { EarlierMessage, Sealed } from '../content/word.ts'
import { type Account, type AddressServer, addressServer } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { unwrapped } from '../world/wrappers.ts'
import type { PeerInbox, ReceivedMessage } from './peer-inbox.ts'
import type { PeerOutbox, SentMessage } from './peer-outbox.ts'
import { type Opened, type SealedPart, sealedIn } from './sealed-parts.ts'

/** A message as a phone has it, and where. */
type Kept = EarlierMessage & { chat: string }

/** The messages of a phone, and what it does with their secrets: seals, and opens what others sealed. */
export class Memory {
  readonly #network: Network
  readonly #account: Account
  readonly #inbox: PeerInbox
  readonly #outbox: PeerOutbox

  constructor(
    network: Network,
    account: Account,
    { inbox, outbox }: { inbox: PeerInbox; outbox: PeerOutbox },
  ) {
    this.#network = network
    this.#account = account
    this.#inbox = inbox
    this.#outbox = outbox
  }

  /** A message it received or sent. */
  find(id: string): Kept | undefined {
    const received = this.#inbox.find(id)
    if (received) return this.#received(received)
    const sent = this.#outbox.find(id)
    return sent && this.#sent(sent)
  }

  /** How the phone names a message to its chat. */
  keyOf(chat: string, id: string): proto.IMessageKey {
    if (this.#outbox.find(id)) return { remoteJid: chat, fromMe: true, id }
    const received = this.#inbox.find(id)
    const isGroup = jidDecode(chat)?.server === 'g.us'
    return {
      remoteJid: chat,
      fromMe: received?.fromMe ?? false,
      id,
      participant: isGroup ? received?.stanza.participant : undefined,
    }
  }

  /**
   * Seals something about a message with that message's secret.
   * @throws Error when the phone has no such message in that chat, or it has no secret.
   */
  seal(chat: string, id: string, { useCase, plain }: { useCase: UseCase; plain: Uint8Array }): Sealed {
    const target = this.find(id)
    const secret = target && secretOf(target.message)
    if (!target || !secret || !this.#isIn(chat, target))
      throw new Error(`there is no message ${id} with a secret`)
    const sealed = seal(plain, secret, this.#sealContext(target, useCase, this.#account))
    return { key: this.keyOf(chat, id), ...sealed }
  }

  /** What somebody, or the own account, sealed towards the phone; undefined where nothing is sealed. */
  open({ message, from, fromMe }: ReceivedMessage): Opened | undefined {
    const sealed = sealedIn(message)
    const sender = fromMe ? this.#account : this.#network.findAccount(from)
    return sealed && sender && this.#open(sealed, sender)
  }

  /** How often each option of a poll was chosen, as far as the phone has seen; the last vote of everybody counts. */
  tally(id: string): Map<string, number> {
    const votes = new Map<Account, string[]>()
    for (const { message, voter } of this.#votes()) {
      const sealed = sealedIn(message)
      if (sealed?.useCase !== 'Poll Vote' || sealed.key.id !== id || !voter) continue
      const opened = this.#open(sealed, voter)
      if ('options' in opened) votes.set(voter, opened.options)
    }
    const counts = new Map<string, number>()
    for (const option of [...votes.values()].flat()) counts.set(option, (counts.get(option) ?? 0) + 1)
    return counts
  }

  /** People have a chat under each of their addresses, which phones show as one; statuses are answered in any. */
  #isIn(chat: string, target: Kept): boolean {
    if (target.chat === chat || target.chat === STATUS_JID) return true
    const partner = this.#network.findAccount(chat)
    return partner !== undefined && this.#network.findAccount(target.chat) === partner
  }

  #votes(): { message: proto.IMessage; voter: Account | undefined }[] {
    const received = this.#inbox.messages.map(({ message, from, fromMe }) => ({
      message,
      voter: fromMe ? this.#account : this.#network.findAccount(from),
    }))
    return [...received, ...this.#outbox.messages.map(({ message }) => ({ message, voter: this.#account }))]
  }

  #open({ useCase, key, encPayload, encIv, read }: SealedPart, sender: Account): Opened {
    const target = this.find(key.id ?? '')
    const secret = target && secretOf(target.message)
    if (!target || !secret) return { failure: `there is no message ${key.id} with a secret` }
    try {
      const plain = open({ encPayload, encIv }, secret, this.#sealContext(target, useCase, sender))
      return useCase === 'Poll Vote' ? { options: chosenOptions(target, plain) } : { says: read(plain) }
    } catch {
      // Another key or other bytes: which of them, nobody can tell.
      return { failure: `the key for ${useCase} does not open it` }
    }
  }

  /** Everybody is called by an address of the family that the message has its author in. */
  #sealContext({ id, writer }: Kept, useCase: UseCase, sender: Account): SealContext {
    return { useCase, id, author: writer, sender: sender.address(addressServer(writer)) }
  }

  #received({ id, chat, fromMe, message, stanza, from }: ReceivedMessage): Kept {
    const writer = fromMe
      ? this.#ownAddress(chat)
      : jidNormalizedUser(stanza.participant ?? stanza.from ?? from)
    return { id, chat, fromMe, message, writer }
  }

  #sent({ id, chat, message }: SentMessage): Kept {
    return { id, chat, fromMe: true, message, writer: this.#ownAddress(chat) }
  }

  #ownAddress(chat: string): string {
    return this.#account.address(this.#addressingOf(chat))
  }

  #addressingOf(chat: string): AddressServer {
    const server = jidDecode(chat)?.server
    if (server === 'g.us') return this.#network.findGroup(chat)?.addressing ?? 'lid'
    return server === 's.whatsapp.net' ? 's.whatsapp.net' : 'lid'
  }
}

function secretOf(message: proto.IMessage): Uint8Array | undefined {
  const secret =
    message.messageContextInfo?.messageSecret ?? unwrapped(message).messageContextInfo?.messageSecret
  return secret?.length ? secret : undefined
}

/** A vote names options by the hashes of their names. */
function chosenOptions({ id, message }: Kept, plain: Uint8Array): string[] {
  const [, { options }] = pollIn(message, id)
  const { selectedOptions } = proto.Message.PollVoteMessage.decode(plain)
  const hashes = new Set(selectedOptions?.map((hash) => Buffer.from(hash).toString('hex')))
  return (options ?? []).flatMap(({ optionName }) =>
    optionName && hashes.has(createHash('sha256').update(optionName).digest('hex')) ? [optionName] : [],
  )
}
