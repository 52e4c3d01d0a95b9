import type { Config } from '../config/config.ts'
import type { Event } from '../events/event.ts'
import { unlessAborted } from '../lib/flow/with-timeout.ts'
import type { Logger } from '../lib/process/logger.ts'
import { redactedStart } from '../lib/secrets/redact.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Agents } from '../media/fetch/safe-fetch.ts'
import { type Database, isDatabaseFault } from '../store/database/database.ts'
import type { PendingDelivery } from '../store/delivery/deliveries.ts'
import { findDelivery } from '../store/delivery/delivery-log.ts'
import { getWebhookSecret } from '../store/delivery/webhook-secrets.ts'
import { getUser, type User } from '../store/users/users.ts'
import type { MessageQueue } from './amqp.ts'
import type { FileWish, MediaOf } from './preparation.ts'
import type { DialectReceivers } from './receivers.ts'
import {
  type DeliveryEncoder,
  type DeliveryOptions,
  type EncodedDelivery,
  type ErrorReportEncoder,
  type EventRenderers,
  type Rendered,
  type RenderedMedia,
  renderEvent,
} from './renderer.ts'
import { secretsOf } from './secrets-of.ts'
import { deliveryId, destinationOf, reportedWebhook, type WebhookTarget } from './targets.ts'
import { type Failure, type Outcome, postWebhook } from './webhook.ts'

/** How the events of a user are written: the renderers and the encoders of its dialect. */
export interface DeliveryDialect {
  renderers: EventRenderers
  encode: DeliveryEncoder
  encodeErrorReport: ErrorReportEncoder
}

export interface AttemptDeps {
  db: Database
  secrets: Secrets
  log: Logger
  config: Config
  /** How wuzapi's webhook, the webhook of all users and the message queue are told of events. */
  dialectOf: (user: User) => DeliveryDialect
  /** The receivers that dialects give their users. */
  dialects?: DialectReceivers
  /** Fetches what a message's webhook should carry of its file; a failure is treated like one of the receiver. */
  mediaOf?: MediaOf
  /** Whether there may be anything to fetch; without it, for every event. */
  wantsMedia?: (event: Event, user: User) => boolean
  /** The message broker, where there is one. */
  queue?: MessageQueue
}

/** What an attempt travels with. */
export interface Transport {
  /** The connections for requests made for this user; throws FetchError when its proxy cannot be used. */
  agentsOf(user: User): Agents
  /** Ends the attempt, whose outcome is then unknown. */
  signal: AbortSignal
}

/** One attempt and all it needs. */
interface AttemptContext {
  deps: AttemptDeps
  delivery: PendingDelivery
  user: User
  transport: Transport
  media: RenderedMedia | undefined
}

/** The file that has to be fetched before an attempt, if any: dialects' receivers are told without. */
export async function fileWish(
  deps: AttemptDeps,
  { payload, target: receiver, userId }: PendingDelivery,
): Promise<FileWish | undefined> {
  const { db, secrets, dialects, mediaOf, wantsMedia } = deps
  const target = reportedWebhook(receiver) ?? receiver
  if (!mediaOf || dialects?.find(target)) return undefined
  try {
    const user = await getUser(db, secrets, userId)
    if (!user) return undefined
    // The payload is what the bus stored, and only events are.
    const event = JSON.parse(payload) as Event
    return (wantsMedia?.(event, user) ?? true) ? { event, user } : undefined
  } catch (error) {
    if (isDatabaseFault(error)) throw error
    // The attempt meets the same, and counts it.
    return undefined
  }
}

/**
 * Makes one attempt at a delivery, with what was fetched for it. The user is read anew each time, so that a changed
 * webhook, key or dialect counts from the next attempt on, also for what was recorded before. Whatever goes wrong is a
 * failed attempt, so that nothing is attempted for ever; throws only when `transport.signal` aborts, for then nobody
 * knows what became of it, and when the database fails, for then nothing can be counted.
 */
export async function attemptDelivery(
  deps: AttemptDeps,
  delivery: PendingDelivery,
  { transport, media }: { transport: Transport; media?: RenderedMedia },
): Promise<Outcome> {
  let user: User | undefined
  try {
    user = await getUser(deps.db, deps.secrets, delivery.userId)
    if (!user) return { kind: 'dropped' }
    const outcome = await outcomeOf({ deps, delivery, user, transport, media })
    // What was told by a receiver has been looked through, with the secrets of that receiver.
    if (outcome.kind === 'dropped' || outcome.attempt) return outcome
    return withoutSecrets(outcome, secretsOf({ config: deps.config, user }))
  } catch (error) {
    if (transport.signal.aborted || isDatabaseFault(error)) throw error
    const secrets = user ? secretsOf({ config: deps.config, user }) : []
    const answer = redactedStart(String(error), secrets, ANSWER_LENGTH)
    const facts = { user: delivery.userId, delivery: delivery.id, target: delivery.target }
    deps.log.error({ ...facts, reason: answer }, 'an attempt at a delivery could not be made')
    return { kind: 'failed', answer, isFinal: false }
  }
}

function outcomeOf(attempt: AttemptContext): Promise<Outcome> {
  const { target } = attempt.delivery
  const reported = reportedWebhook(target)
  if (reported) return reportError(attempt, reported)
  return target === 'amqp' ? publishEvent(attempt) : callWebhook(attempt)
}

async function callWebhook(attempt: AttemptContext): Promise<Outcome> {
  const { deps, delivery, user, transport } = attempt
  const address = await addressOf(attempt, delivery.target)
  if (!address) return { kind: 'dropped' }
  // wuzapi: the user's webhook is never signed with the global key, nor the other way round.
  const hmacKey = delivery.target === 'global' ? deps.config.globalHmacKey : user.hmacKey
  const { webhookFormat: format, webhookToken: includeToken } = deps.config
  const encoding = await encodeEvent(attempt, delivery.target, { format, includeToken, hmacKey })
  if (encoding.kind !== 'encoded') return encoding
  const url = address(encoding.rendered)
  if (!url) return { kind: 'dropped' }
  const secret = await getWebhookSecret(deps.db, deps.secrets, destinationOf(delivery.target, user.id))
  const outcome = await postWebhook(
    { url, encoded: encoding.encoded, id: delivery.id, secret },
    {
      agents: () => transport.agentsOf(user),
      signal: transport.signal,
      timeoutMs: deps.config.webhookTimeoutMs,
    },
  )
  const told = withoutSecrets(
    outcome,
    secretsOf({ config: deps.config, user, signing: secret, addresses: [url] }),
  )
  if (told.kind !== 'failed') return told
  return { ...told, isOutdated: url !== (await currentUrl(attempt, delivery.target, encoding.rendered)) }
}

/** Where the receiver is now: the address may have been corrected while the request was under way. */
async function currentUrl(
  attempt: AttemptContext,
  target: WebhookTarget,
  rendered: Rendered,
): Promise<string | undefined> {
  const { deps, delivery } = attempt
  const user = await getUser(deps.db, deps.secrets, delivery.userId)
  return user && (await addressOf({ ...attempt, user }, target))?.(rendered)
}

// What is kept of a body: enough to recognise an event and the title of an error page, too little to fill the database.
const REQUEST_LENGTH = 4_000
const ANSWER_LENGTH = 1_000

/** What is stored of an outcome: a receiver may answer with what it was sent, and the log is for operators to read. */
function withoutSecrets(outcome: Outcome, secrets: string[]): Outcome {
  if (outcome.kind === 'dropped') return outcome
  const brief = (text: string, length: number) => redactedStart(text, secrets, length)
  const { attempt } = outcome
  const kept = attempt && {
    ...attempt,
    request: brief(attempt.request, REQUEST_LENGTH),
    answer: brief(attempt.answer, ANSWER_LENGTH),
  }
  if (outcome.kind === 'delivered') return { ...outcome, attempt: kept }
  return { ...outcome, answer: brief(outcome.answer, ANSWER_LENGTH), attempt: kept }
}

/**
 * The body a delivery would be sent with, as JSON, for receivers that fetch it themselves; `fileOf` throws when its file
 * may be there later.
 */
export async function encodeDelivery(
  deps: Omit<AttemptDeps, 'queue'>,
  delivery: PendingDelivery,
  fileOf: (wish: FileWish) => Promise<RenderedMedia | undefined>,
): Promise<Encoding> {
  const user = await getUser(deps.db, deps.secrets, delivery.userId)
  if (!user) return { kind: 'dropped' }
  const { webhookToken: includeToken } = deps.config
  const wish = await fileWish(deps, delivery)
  let media: RenderedMedia | undefined
  try {
    media = wish && (await fileOf(wish))
  } catch (error) {
    return { kind: 'failed', answer: `media: ${String(error)}`, isFinal: false }
  }
  return encodeEvent({ deps, delivery, user, media }, delivery.target, { format: 'json', includeToken })
}

async function publishEvent(attempt: AttemptContext): Promise<Outcome> {
  if (!attempt.deps.queue) return { kind: 'dropped' }
  const encoding = await encodeEvent(attempt, 'amqp', { format: 'json' })
  if (encoding.kind !== 'encoded') return encoding
  return publish(attempt, attempt.deps.config.rabbitmqQueue, encoding.encoded.body)
}

/** Tells the error queue which webhook was given up, with the body it would have got. */
async function reportError(attempt: AttemptContext, target: WebhookTarget): Promise<Outcome> {
  const { deps, delivery, user } = attempt
  const failed = await findDelivery(deps.db, deliveryId(delivery.eventId, target))
  if (!deps.queue || !failed) return { kind: 'dropped' }
  const encoding = await encodeEvent(attempt, target, { format: deps.config.webhookFormat })
  if (encoding.kind !== 'encoded') return encoding
  const address = await addressOf(attempt, target)
  const key = target === 'global' ? deps.config.globalHmacKey : target === 'user' ? user.hmacKey : ''
  const body = deps.dialectOf(user).encodeErrorReport(encoding.encoded, {
    url: address?.(encoding.rendered) ?? '',
    userId: user.id,
    sealedHmacKey: deps.secrets.seal(key ?? ''),
    failedAt: failed.finishedAt ?? delivery.at,
    timeZone: deps.config.timeZone,
    status: failed.status,
    answer: failed.answer ?? '',
  })
  return publish(attempt, deps.config.webhookErrorQueue, body)
}

async function publish(
  { deps, delivery, transport }: AttemptContext,
  queue: string,
  body: string,
): Promise<Outcome> {
  try {
    await unlessAborted(deps.queue?.publish(queue, { id: delivery.id, body }), transport.signal)
    return { kind: 'delivered' }
  } catch (error) {
    if (transport.signal.aborted) throw error
    return { kind: 'failed', answer: `RabbitMQ: ${String(error)}`, isFinal: false }
  }
}

/** A body, or why there is none. */
export type Encoding =
  | { kind: 'encoded'; encoded: EncodedDelivery; rendered: Rendered }
  | { kind: 'dropped' }
  | Failure

/** Writes an event for a target: a dialect's receiver in the words of that dialect, and without the file of a message. */
async function encodeEvent(
  { deps, delivery, user, media }: Omit<AttemptContext, 'transport'>,
  target: string,
  options: Omit<DeliveryOptions, 'user'>,
): Promise<Encoding> {
  const { config, log } = deps
  const facts = { user: user.id, delivery: delivery.id }
  // The payload is what the bus stored, and only events are.
  const event = JSON.parse(delivery.payload) as Event
  const receiver = deps.dialects?.find(target)
  const { renderers, encode } = receiver ?? deps.dialectOf(user)
  try {
    const rendered = await renderEvent(renderers, event, { user, timeZone: config.timeZone, media })
    if (!rendered) return { kind: 'dropped' }
    return { kind: 'encoded', encoded: encode(rendered, { user, ...options }), rendered }
  } catch (error) {
    // The same event fails in the same way each time; retrying would only hold back its chat.
    log.error({ err: error, ...facts }, 'an event could not be rendered')
    return { kind: 'failed', answer: `rendering: ${String(error)}`, isFinal: true }
  }
}

/** Where events for a webhook go, once they are rendered; undefined when nobody wants any. */
async function addressOf(
  { deps, user }: AttemptContext,
  target: WebhookTarget,
): Promise<((rendered: Rendered) => string | undefined) | undefined> {
  const known = target === 'global' ? deps.config.globalWebhook : target === 'user' ? user.webhook : undefined
  if (known) return () => known
  const receiver = deps.dialects?.find(target)
  const owner = receiver && (await deps.dialects?.ownerOf(deps.db, user, target))
  return receiver && owner && receiver.isOn(owner) ? (rendered) => receiver.urlOf(rendered, owner) : undefined
}
