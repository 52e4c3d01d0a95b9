import type { Config } from '../config/config.ts'
import type { EventRouter, Route } from '../events/bus.ts'
import type { Event, EventType, MessageEvent } from '../events/event.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Queryable } from '../store/database/database.ts'
import { pulledDestinations } from '../store/delivery/destinations.ts'
import { parseTarget, parseWebhookId, webhookId } from '../store/delivery/webhook-ids.ts'
import {
  blankWebhook,
  getWebhooks,
  type Webhook,
  type WebhookPatch,
  type Webhooks,
  webhookOf,
} from '../store/delivery/webhooks.ts'
import { getUser, type User } from '../store/users/users.ts'
import type { AddressFault } from './address-rule.ts'
import {
  type DeliveryEncoder,
  type ErrorReportEncoder,
  EventRenderer,
  type EventRenderers,
  type MediaReference,
  type Rendered,
  type StoredFile,
} from './renderer.ts'
import { isQueued, PIPE, QUEUE_DESTINATION, reportedWebhook, type Target } from './targets.ts'

/** Whose webhook it is: all that decides what it wants, and where that goes. */
export interface WebhookOwner {
  user: User
  config: Config
  webhook: Webhook
  /** The webhook of this slot that every user has; the same one, unless it is a further or a shared one. */
  own: Webhook
}

/** How a dialect tells webhooks of its users what happened. */
export interface WebhookProfile {
  /** First word of the ids of its webhooks. */
  slot: string
  /** Name of the dialect, where that is not the slot. */
  dialect?: string
  /** How events are told; null for those that this dialect does not tell. */
  renderers: EventRenderers
  /** How a rendered event is written onto the wire: format, escaping, the dialect's own signature. */
  encode: DeliveryEncoder
  /** How its webhooks are written unless one of them says otherwise; without it as the server is set up. */
  format?: 'form' | 'json'
  /** Whether a user has this webhook: there is an address. */
  isOn(owner: WebhookOwner): boolean
  /** Whether it wants this event; test events are not asked about. */
  wants(event: Event, owner: WebhookOwner): boolean
  /** Where a rendered event goes, decided anew for each attempt; undefined: nobody wants it any more. */
  urlOf(rendered: Rendered, owner: WebhookOwner): string | undefined
  /** The names of events that its webhooks may be subscribed to; without it they are sent all that are told. */
  eventNames?: readonly string[]
  /** What events of these types are called, whatever else they hold; the others are named when they are rendered. */
  typeNames?: { readonly [T in EventType]?: string }
  /** Pauses before the first repetitions, in milliseconds; those of the server's schedule follow. */
  firstPausesMs?: readonly number[] | ((config: Config) => readonly number[])
  /**
   * What an event is told as, a delivery each and in this order; `RenderContext.part` says which of them is written.
   * Without it every event is told once. Test events are asked about, too.
   */
  parts?(event: Event, owner: WebhookOwner): readonly string[]
  /**
   * The sentences with which addresses are refused for good that are not `https`, or that are in no public network; where
   * the server allows any network, none is refused. Without them every address is tried.
   */
  refusals?: Record<AddressFault, string>
  /** The keys of its further webhooks are numbers, counted over all users. */
  numbersWebhooks?: boolean
  /** Events that are stored whether or not somebody is told of them, because the dialect can be asked for them. */
  keeps?: readonly EventType[]
  /**
   * Who may want messages sent through this server (`message.sent`), which else only a message queue hears of: those who
   * have a webhook of it, or whoever listens.
   */
  hearsSent?(config: Config): 'by webhook' | 'live' | undefined
  /** The files that are told with messages; without it none are. */
  files?: WebhookFiles
  /** A webhook that the users share, under this name: it gets the events of all of them. */
  shared?: { name: string; of(config: Config): WebhookPatch | undefined }
  /** What whoever reads standard output is told, a line for each event: at most one dialect is spoken there. */
  pipe?: {
    wants(event: Event, owner: WebhookOwner): boolean
    line(rendered: Rendered, user: User): string
  }
  /** What the message queue gets: at most one dialect fills it. */
  queue?: {
    wants(event: Event, owner: WebhookOwner): boolean
    /** What the error queue gets for a webhook delivery that was given up. */
    encodeErrorReport: ErrorReportEncoder
  }
}

/** Which file of a message its user wants to be told of. */
export interface WebhookFiles {
  /**
   * What a renderer gets: the bytes (default), or a file on disk for the encoder to attach to a form, which is then never
   * in memory. Whatever is written as JSON gets bytes all the same.
   */
  as?: 'bytes' | 'file'
  /** The file that is told of, in the event or in a bucket; undefined for events without one. */
  wanted(event: Event, owner: Pick<WebhookOwner, 'user' | 'config'>): MediaReference | undefined
  /** The file that goes into the user's bucket, and its name there. */
  toStore(event: MessageEvent, user: User): StoredFile | undefined
}

/** The webhooks there may be: the profiles of all dialects, under the settings of this server. */
export class WebhookProfiles {
  /** Says stored events in the words of a profile. */
  readonly renderer = new EventRenderer()
  readonly #profiles: readonly WebhookProfile[]
  readonly #bySlot: ReadonlyMap<string, WebhookProfile>
  /** The ways the events of users go, by their webhooks. */
  readonly #known = new WeakMap<Webhooks, { user: User; pulled: ReadonlySet<string>; routes: Route[] }>()
  readonly #kept: ReadonlySet<EventType>
  readonly #shared: ReadonlyMap<string, WebhookProfile>
  readonly #config: Config
  /** Those that may want what is sent through this server. */
  readonly #hearing: ReadonlySet<WebhookProfile>
  /** Whether what anybody sends is told, to the message queue or to whoever listens. */
  readonly #isAlwaysHeard: boolean

  constructor(profiles: readonly WebhookProfile[], config: Config) {
    this.#profiles = profiles
    this.#bySlot = new Map(profiles.map((profile) => [profile.slot, profile]))
    this.#kept = new Set(profiles.flatMap(({ keeps = [] }) => keeps))
    this.#shared = new Map(
      profiles.flatMap((profile) => (profile.shared ? [[profile.shared.name, profile]] : [])),
    )
    this.#config = config
    const hearing = profiles.map((profile) => ({ profile, how: profile.hearsSent?.(config) }))
    this.#hearing = new Set(hearing.filter(({ how }) => how).map(({ profile }) => profile))
    this.#isAlwaysHeard =
      Boolean(config.rabbitmqUrl && this.queue) || hearing.some(({ how }) => how === 'live')
  }

  /** The profile of a target, those of message queue and pipe included; undefined for a target that no dialect knows. */
  find(target: Target): WebhookProfile | undefined {
    const reported = reportedWebhook(target)
    if (reported !== undefined) return this.find(reported)
    if (isQueued(target)) return this.#profiles.find(({ queue }) => queue)
    if (target === PIPE) return this.#profiles.find(({ pipe }) => pipe)
    return this.#shared.get(target) ?? this.#bySlot.get(parseTarget(target).slot)
  }

  /** The profiles of all dialects that tell webhooks something, by the names of the dialects. */
  get byDialect(): ReadonlyMap<string, WebhookProfile> {
    return new Map(this.#profiles.map((profile) => [profile.dialect ?? profile.slot, profile]))
  }

  /** The pauses that the dialect of a target begins with, in milliseconds. */
  firstPausesOf(target: Target): readonly number[] | undefined {
    const { firstPausesMs: first } = this.find(target) ?? {}
    return typeof first === 'function' ? first(this.#config) : first
  }

  /** First words of the ids of webhooks, one for each dialect that has some. */
  get slots(): string[] {
    return [...this.#bySlot.keys()]
  }

  /** The profile that fills the message queue. */
  get queue(): WebhookProfile['queue'] {
    return this.find(QUEUE_DESTINATION)?.queue
  }

  /** Whether a target is one that all users share. */
  isShared(target: Target): boolean {
    return isQueued(target) || target === PIPE || this.#shared.has(target)
  }

  /** All shared targets there may be, as patterns of SQL's `like`: none of them is a user's own. */
  get sharedPatterns(): string[] {
    return [...this.#shared.keys(), PIPE, `${QUEUE_DESTINATION}%`]
  }

  /** The shared targets that the settings ask for. */
  get sharedTargets(): Target[] {
    const webhooks = [...this.#shared.keys()].filter((name) => this.#sharedWebhook(name))
    return this.#config.rabbitmqUrl && this.queue ? [...webhooks, QUEUE_DESTINATION] : webhooks
  }

  /** What limits, breakers and secrets count by: everything that ends at one receiver. */
  destinationOf = (target: Target, userId: string): string => {
    if (isQueued(target)) return QUEUE_DESTINATION
    if (target === PIPE) return PIPE
    return this.#shared.has(target) ? target : webhookId(target, userId)
  }

  /** Whether what a user sends through this server has to be told to somebody. */
  async hearSent({ db, secrets }: { db: Queryable; secrets: Secrets }, userId: string): Promise<boolean> {
    if (this.#isAlwaysHeard) return true
    if (this.#hearing.size === 0) return false
    const user = await getUser(db, secrets, userId)
    const routes = user ? await this.#routesOf(db, secrets, user) : []
    return routes.some(({ target }) => {
      const profile = this.find(target)
      return profile !== undefined && this.#hearing.has(profile)
    })
  }

  /** Whom a target serves, or whose failure it reports; undefined when it is gone, or its dialect is. */
  async ownerOf(
    { db, secrets }: { db: Queryable; secrets: Secrets },
    user: User,
    target: Target,
  ): Promise<WebhookOwner | undefined> {
    const meant = reportedWebhook(target) ?? target
    const profile = this.find(meant)
    if (!profile) return undefined
    const webhooks = await getWebhooks(db, secrets, user.id)
    const own = webhookOf(webhooks, profile.slot, user.id)
    const webhook = isQueued(meant) || meant === PIPE ? own : this.#webhookOf(meant, { webhooks, own, user })
    return webhook && { user, config: this.#config, webhook, own }
  }

  #webhookOf(
    target: Target,
    { webhooks, own, user }: { webhooks: Webhooks; own: Webhook; user: User },
  ): Webhook | undefined {
    if (this.#shared.has(target)) return this.#sharedWebhook(target)
    const id = webhookId(target, user.id)
    return id === own.id ? own : webhooks.get(id)
  }

  #sharedWebhook(name: string): Webhook | undefined {
    const settings = this.#shared.get(name)?.shared?.of(this.#config)
    return settings && { ...blankWebhook(name, name), ...settings }
  }

  /** Decides where events go, for the bus. */
  router(secrets: Secrets): EventRouter {
    return {
      keeps: ({ type }) => this.#kept.has(type),
      routesOf: (db, user) => this.#routesOf(db, secrets, user),
    }
  }

  async #routesOf(db: Queryable, secrets: Secrets, user: User): Promise<Route[]> {
    if (this.#config.mode === 'stdio') return this.#pipeRoutes(user, await getWebhooks(db, secrets, user.id))
    const pulled = await pulledDestinations(db, user.id)
    const webhooks = await getWebhooks(db, secrets, user.id)
    // Each of them is one object as long as it has not changed.
    const known = this.#known.get(webhooks)
    if (known?.user === user && known.pulled === pulled) return known.routes
    const routes = this.#profiles.flatMap((profile) => this.#routes(profile, { user, webhooks, pulled }))
    this.#known.set(webhooks, { user, pulled, routes })
    return routes
  }

  /** Where somebody reads a pipe, nobody else is told. */
  #pipeRoutes(user: User, webhooks: Webhooks): Route[] {
    return this.#profiles.flatMap(({ pipe, slot }) => {
      if (!pipe) return []
      const own = webhookOf(webhooks, slot, user.id)
      const owner = { user, config: this.#config, webhook: own, own }
      const wants = (event: Event) => event.type === 'test' || pipe.wants(event, owner)
      return [{ target: PIPE, destination: PIPE, wants }]
    })
  }

  /** `pulled` are the user's destinations that fetch their deliveries and therefore need no address. */
  #routes(
    profile: WebhookProfile,
    { user, webhooks, pulled }: { user: User; webhooks: Webhooks; pulled: ReadonlySet<string> },
  ): Route[] {
    const { slot } = profile
    const own = webhookOf(webhooks, slot, user.id)
    const context = { user, config: this.#config, own }
    const wants = (event: Event, webhook: Webhook) =>
      event.type === 'test' || profile.wants(event, { ...context, webhook })
    const further = [...webhooks.values()].filter((webhook) => webhook.slot === slot && webhook.id !== own.id)
    const routes: Route[] = []
    const { parts } = profile
    for (const webhook of [own, ...further]) {
      if (!webhook.isActive) continue
      if (!profile.isOn({ ...context, webhook }) && !pulled.has(webhook.id)) continue
      const { target } = parseWebhookId(webhook.id)
      routes.push({
        target,
        destination: webhook.id,
        wants: (event) => wants(event, webhook),
        ...(parts && { partsOf: (event) => parts(event, { ...context, webhook }) }),
      })
    }
    const shared = profile.shared && this.#sharedWebhook(profile.shared.name)
    if (shared)
      routes.push({ target: shared.id, destination: shared.id, wants: (event) => wants(event, shared) })
    const { queue } = profile
    if (queue && this.#config.rabbitmqUrl)
      routes.push({
        target: QUEUE_DESTINATION,
        destination: QUEUE_DESTINATION,
        wants: (event) => event.type === 'test' || queue.wants(event, { ...context, webhook: own }),
      })
    return routes
  }
}
