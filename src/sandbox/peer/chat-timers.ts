import { z } from 'zod'
import { jidDecode, proto } from '../../whatsapp/library/engine.ts'
import { byReference } from '../saved/shapes.ts'
import type { Account } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { unwrapped } from '../world/wrappers.ts'

const { EPHEMERAL_SETTING } = proto.Message.ProtocolMessage.Type

/** Seconds by the references of the partners. */
export const savedTimers = z.object({ timers: z.record(z.string(), z.number()).default({}) })

/** After how many seconds the messages of each chat of a phone disappear. */
export class ChatTimers {
  readonly #network: Network
  readonly #seconds = new Map<Account, number>()

  constructor(network: Network, saved?: z.output<typeof savedTimers>) {
    this.#network = network
    for (const [reference, seconds] of Object.entries(saved?.timers ?? {})) {
      const partner = network.findAccount(reference)
      if (partner) this.#seconds.set(partner, seconds)
    }
  }

  toJson(): z.input<typeof savedTimers> {
    return { timers: byReference(this.#seconds) }
  }

  /** Follows a message that sets the timer of its chat, whoever wrote it. */
  note(chat: string, message: proto.IMessage): void {
    const { protocolMessage } = unwrapped(message)
    const account = this.#network.findAccount(chat)
    if (protocolMessage?.type !== EPHEMERAL_SETTING || !account) return
    this.#seconds.set(account, protocolMessage.ephemeralExpiration ?? 0)
  }

  /** Undefined where messages stay. */
  secondsOf(chat: string): number | undefined {
    const isGroup = jidDecode(chat)?.server === 'g.us'
    const account = isGroup ? undefined : this.#network.findAccount(chat)
    const seconds = isGroup
      ? this.#network.findGroup(chat)?.ephemeralSeconds
      : account && this.#seconds.get(account)
    return seconds || undefined
  }
}
