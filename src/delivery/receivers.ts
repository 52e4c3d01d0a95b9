import type { Config } from '../config/config.ts'
import type { Event, EventType } from '../events/event.ts'
import type { Queryable } from '../store/database/database.ts'
import { type DialectWebhook, getDialectWebhooks } from '../store/delivery/dialect-webhooks.ts'
import type { User } from '../store/users/users.ts'
import type { DeliveryEncoder, EventRenderers, Rendered } from './renderer.ts'
import { destinationOf } from './targets.ts'

/** Whose receiver it is: all that decides whether there is one, and where. */
export interface ReceiverOwner {
  user: User
  config: Config
  /** What the user has set in this dialect; undefined when nothing. */
  webhook: DialectWebhook | undefined
}

/**
 * The receiver that a dialect gives each of its users, beside wuzapi's webhook and the ones that all users share. Its
 * target has the dialect's name, its destination is `<name>:<user id>`.
 */
export interface Receiver {
  name: string
  /** How events are told; what has no entry is not. */
  renderers: EventRenderers
  encode: DeliveryEncoder
  /** Whether the user has such a receiver: there is an address. */
  isOn(owner: ReceiverOwner): boolean
  /** Whether it wants this event; test events are not asked about. */
  wants(event: Event, owner: ReceiverOwner): boolean
  /** Where a rendered event goes, decided anew for each attempt; undefined: nobody wants it any more. */
  urlOf(rendered: Rendered, owner: ReceiverOwner): string | undefined
  /** Pauses before the first repetitions, in milliseconds; those of the server's schedule follow. */
  firstPausesMs?: readonly number[]
  /** Events that are stored whether or not somebody is told of them, because the dialect can be asked for them. */
  keeps?: readonly EventType[]
  /** Whether it may want messages sent through this server (`message.sent`), which else only a message queue hears of. */
  hearsSent?(config: Config): boolean
}

/** The receivers of all dialects that have some. */
export class DialectReceivers {
  readonly #receivers: ReadonlyMap<string, Receiver>
  readonly #kept: ReadonlySet<EventType>
  readonly #config: Config

  constructor(receivers: readonly Receiver[], config: Config) {
    this.#receivers = new Map(receivers.map((receiver) => [receiver.name, receiver]))
    this.#kept = new Set(receivers.flatMap(({ keeps = [] }) => keeps))
    this.#config = config
  }

  /** The receiver a target names; undefined for `user`, `global` and the message queue. */
  find(target: string): Receiver | undefined {
    return this.#receivers.get(target)
  }

  /** Whether an event is stored even when nobody is told of it. */
  keeps(event: Event): boolean {
    return this.#kept.has(event.type)
  }

  /** Whether messages sent through this server have to be told. */
  get hearSent(): boolean {
    return [...this.#receivers.values()].some((receiver) => receiver.hearsSent?.(this.#config))
  }

  /** Whom a receiver would serve. */
  async ownerOf(db: Queryable, user: User, name: string): Promise<ReceiverOwner> {
    return { user, config: this.#config, webhook: (await getDialectWebhooks(db, user.id)).get(name) }
  }

  /**
   * The receivers of a user, each with whether it wants an event. `pulled` are the user's destinations that fetch their
   * deliveries and therefore need no address.
   */
  async activeFor(
    db: Queryable,
    user: User,
    pulled: ReadonlySet<string>,
  ): Promise<{ name: string; wants: (event: Event) => boolean }[]> {
    const webhooks = this.#receivers.size > 0 ? await getDialectWebhooks(db, user.id) : new Map()
    return [...this.#receivers.values()].flatMap((receiver) => {
      const { name } = receiver
      const owner = { user, config: this.#config, webhook: webhooks.get(name) }
      if (!receiver.isOn(owner) && !pulled.has(destinationOf(name, user.id))) return []
      return [{ name, wants: (event: Event) => event.type === 'test' || receiver.wants(event, owner) }]
    })
  }
}
