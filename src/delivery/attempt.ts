import { readFile } from 'node:fs/promises'
import type { Config } from '../config/config.ts'
import type { Event } from '../events/event.ts'
import { hasLinkingCode } from '../events/linking-codes.ts'
import { unlessAborted } from '../lib/flow/with-timeout.ts'
import { type LineOutput, ReaderGone } from '../lib/process/line-output.ts'
import type { Logger } from '../lib/process/logger.ts'
import { redactedStart } from '../lib/secrets/redact.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Agents } from '../media/fetch/safe-fetch.ts'
import { UnreadableBodyError } from '../media/fetch/streamed-body.ts'
import { type Database, isDatabaseFault } from '../store/database/database.ts'
import type { PendingDelivery } from '../store/delivery/deliveries.ts'
import { findDelivery } from '../store/delivery/delivery-log.ts'
import { deliveryId } from '../store/delivery/new-delivery.ts'
import { getWebhookSecret } from '../store/delivery/webhook-secrets.ts'
import { getWebhooks } from '../store/delivery/webhooks.ts'
import { getUser, type User } from '../store/users/users.ts'
import { refusedAddress } from './address-rule.ts'
import type { MessageQueue } from './amqp.ts'
import type { FileWish, MediaOf } from './preparation.ts'
import type { DeliveryOptions, EncodedDelivery, EncodedText, Rendered, RenderedMedia } from './renderer.ts'
import { type SecretHolders, secretsOf } from './secrets-of.ts'
import { isQueued, PIPE, reportedWebhook, type Target } from './targets.ts'
import { type Dropped, dropped, type Failure, type Outcome, postWebhook } from './webhook.ts'
import type { WebhookOwner, WebhookProfile, WebhookProfiles } from './webhook-profiles.ts'

export interface AttemptDeps {
  db: Database
  secrets: Secrets
  log: Logger
  config: Config
  profiles: WebhookProfiles
  /** Fetches what a message's webhook should carry of its file; a failure is treated like one of the receiver. */
  mediaOf?: MediaOf
  /** Begins to fetch a file that will be wanted soon. */
  prefetch?: (wish: FileWish) => void
  /** The message broker, where there is one. */
  queue?: MessageQueue
  /** Standard output, where somebody reads events there: then they go nowhere else. */
  pipe?: LineOutput
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
  /** The webhook that is told, or whose failure is reported, with the profile it belongs to. */
  owner: WebhookOwner
  profile: WebhookProfile
  transport: Transport
  media: RenderedMedia | undefined
  hidden: Hidden
}

/** What nobody outside may read of what went to the webhooks of the user, or came back from this receiver. */
type Hidden = (receiver?: Pick<SecretHolders, 'signing' | 'addresses'>) => string[]

/** The file that has to be fetched before an attempt, if any. */
export async function fileWish(
  deps: AttemptDeps,
  { payload, target, userId }: PendingDelivery,
): Promise<FileWish | undefined> {
  const { db, secrets, profiles, mediaOf } = deps
  const { files } = profiles.find(target) ?? {}
  if (!mediaOf || !files) return undefined
  try {
    const user = await getUser(db, secrets, userId)
    if (!user) return undefined
    // The payload is what the bus stored, and only events are.
    const event = JSON.parse(payload) as Event
    const reference = files.wanted(event, { user, config: deps.config })
    if (!reference) return undefined
    // What goes to a queue or a pipe is text.
    const as =
      isQueued(target) || target === PIPE || reportedWebhook(target) ? 'bytes' : (files.as ?? 'bytes')
    const toStore = event.type === 'message' ? files.toStore(event, user) : undefined
    return { event, user, reference, as, toStore }
  } catch (error) {
    if (isDatabaseFault(error)) throw error
    // The attempt meets the same, and counts it.
    return undefined
  }
}

/**
 * Makes one attempt at a delivery, with what was fetched for it. The user is read anew each time, so that a changed
 * webhook, key or dialect counts from the next attempt on, also for what was recorded before. Whatever goes wrong is a
 * failed attempt, so that nothing is attempted for ever; throws only when `transport.signal` aborts or the reader of the pipe
 * goes, for then nobody knows what became of it, and when the database fails, for then nothing can be counted.
 */
export async function attemptDelivery(
  deps: AttemptDeps,
  delivery: PendingDelivery,
  { transport, media }: { transport: Transport; media?: RenderedMedia },
): Promise<Outcome> {
  let hidden: Hidden = () => []
  try {
    const user = await getUser(deps.db, deps.secrets, delivery.userId)
    if (!user) return dropped('the user is gone')
    const webhooks = await getWebhooks(deps.db, deps.secrets, user.id)
    hidden = (receiver) => secretsOf({ config: deps.config, user, webhooks: webhooks.values(), ...receiver })
    const profile = deps.profiles.find(delivery.target)
    const owner = await deps.profiles.ownerOf(deps, user, delivery.target)
    if (!profile || !owner) return dropped('the webhook is gone, or switched off')
    const outcome = await outcomeOf({ deps, delivery, user, owner, profile, transport, media, hidden })
    // What was told by a receiver has been looked through, with the secrets of that receiver.
    return outcome.kind === 'dropped' || outcome.attempt ? outcome : withoutSecrets(outcome, hidden())
  } catch (error) {
    if (transport.signal.aborted || error instanceof ReaderGone || isDatabaseFault(error)) throw error
    const answer = redactedStart(String(error), hidden(), ANSWER_LENGTH)
    const facts = { user: delivery.userId, delivery: delivery.id, target: delivery.target }
    deps.log.error({ ...facts, reason: answer }, 'an attempt at a delivery could not be made')
    return { kind: 'failed', answer, isFinal: false }
  }
}

function outcomeOf(attempt: AttemptContext): Promise<Outcome> {
  const { target } = attempt.delivery
  const reported = reportedWebhook(target)
  if (reported) return reportError(attempt, reported)
  if (target === PIPE) return writeLine(attempt)
  return isQueued(target) ? publishEvent(attempt) : callWebhook(attempt)
}

async function callWebhook(attempt: AttemptContext): Promise<Outcome> {
  const { deps, delivery, user, owner, profile, transport, hidden } = attempt
  if (!owner.webhook.isActive || !profile.isOn(owner)) return dropped('the webhook is gone, or switched off')
  const { webhookFormat, webhookToken: includeToken } = deps.config
  const { hmacKey, headers } = owner.webhook
  const format = formatOf(owner, profile, webhookFormat)
  const media = format === 'json' ? await inMemory(attempt.media) : attempt.media
  const encoding = await encodeEvent({ ...attempt, media }, { format, includeToken, hmacKey })
  if (encoding.kind !== 'encoded') return encoding
  const url = profile.urlOf(encoding.rendered, owner)
  if (!url) return dropped('the webhook no longer wants it')
  const refusal = profile.refusals && refusedAddress(url, deps.config.webhookAllowedNetworks)
  if (refusal) return { kind: 'failed', answer: profile.refusals?.[refusal] ?? refusal, isFinal: true }
  const destination = deps.profiles.destinationOf(delivery.target, user.id)
  const secret = await getWebhookSecret(deps.db, deps.secrets, destination)
  const encoded = { ...encoding.encoded, headers: { ...headers, ...encoding.encoded.headers } }
  const outcome = await postWebhook(
    { url, encoded, id: delivery.id, secret },
    {
      agents: () => transport.agentsOf(user),
      signal: transport.signal,
      timeoutMs: deps.config.webhookTimeoutMs,
    },
  )
  if (outcome.kind === 'delivered' && deps.config.webhookKeepAttempts !== 'all') return withoutBodies(outcome)
  const told = withoutSecrets(withoutCodes(outcome, delivery), hidden({ signing: secret, addresses: [url] }))
  if (told.kind !== 'failed') return told
  return { ...told, isOutdated: url !== (await currentUrl(attempt, encoding.rendered)) }
}

function formatOf(
  { webhook }: WebhookOwner,
  profile: WebhookProfile,
  usual: 'form' | 'json',
): 'form' | 'json' {
  return webhook.format || profile.format || usual
}

/** JSON has no place for a file but inside. */
async function inMemory(media: RenderedMedia | undefined): Promise<RenderedMedia | undefined> {
  return media?.file ? { ...media, file: undefined, bytes: await readFile(media.file.path) } : media
}

/** Where the receiver is now: the address may have been corrected while the request was under way. */
async function currentUrl(
  { deps, delivery, profile }: AttemptContext,
  rendered: Rendered,
): Promise<string | undefined> {
  const user = await getUser(deps.db, deps.secrets, delivery.userId)
  const owner = user && (await deps.profiles.ownerOf(deps, user, delivery.target))
  return owner && profile.isOn(owner) ? profile.urlOf(rendered, owner) : undefined
}

// What is kept of a body: enough to recognise an event and the title of an error page, too little to fill the database.
const REQUEST_LENGTH = 4_000
const ANSWER_LENGTH = 1_000

/** Of what is accepted nobody keeps the bodies, and looking through them for secrets takes as long as rendering them. */
function withoutBodies({ attempt, ...outcome }: Outcome & { kind: 'delivered' }): Outcome {
  return { ...outcome, attempt: attempt && { ...attempt, request: '', answer: '' } }
}

const NOT_KEPT = 'not kept: it may hold a code that links a phone'

/**
 * Of an event with a code nothing is stored that holds it: whoever may look at deliveries could link a phone, and a receiver
 * that fails may answer with what it was sent.
 */
function withoutCodes(outcome: Outcome, { payload }: PendingDelivery): Outcome {
  // The payload is what the bus stored, and only events are.
  if (outcome.kind === 'dropped' || !hasLinkingCode((JSON.parse(payload) as Event).type)) return outcome
  // Without a status nobody has answered: the sentence is ours.
  const said = (answer: string) => (outcome.status === undefined || answer === '' ? answer : NOT_KEPT)
  const { attempt } = outcome
  const kept = attempt && { ...attempt, request: NOT_KEPT, answer: said(attempt.answer) }
  if (outcome.kind === 'delivered') return { ...outcome, attempt: kept }
  return { ...outcome, answer: said(outcome.answer), attempt: kept }
}

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
): Promise<Encoding<EncodedText>> {
  const user = await getUser(deps.db, deps.secrets, delivery.userId)
  const profile = deps.profiles.find(delivery.target)
  if (!user) return dropped('the user is gone')
  if (!profile) return dropped('the webhook is gone, or switched off')
  const { webhookToken: includeToken } = deps.config
  const wish = await fileWish(deps, delivery)
  let media: RenderedMedia | undefined
  try {
    media = wish && (await fileOf({ ...wish, as: 'bytes' }))
  } catch (error) {
    return { kind: 'failed', answer: `media: ${String(error)}`, isFinal: false }
  }
  return encodeText({ deps, delivery, user, profile, media }, { format: 'json', includeToken })
}

/** Tells whoever reads standard output; an event has arrived when the system has taken the whole line. */
async function writeLine(attempt: AttemptContext): Promise<Outcome> {
  const { deps, profile, user, transport } = attempt
  if (!deps.pipe || !profile.pipe) return dropped('nobody reads standard output any more')
  const rendering = await render(attempt)
  if (rendering.kind !== 'rendered') return rendering
  await unlessAborted(deps.pipe.write(profile.pipe.line(rendering.rendered, user)), transport.signal)
  return { kind: 'delivered' }
}

async function publishEvent(attempt: AttemptContext): Promise<Outcome> {
  if (!attempt.deps.queue) return dropped('there is no message queue any more')
  const encoding = await encodeText(attempt, { format: 'json' })
  if (encoding.kind !== 'encoded') return encoding
  return publish(attempt, attempt.deps.config.rabbitmqQueue, encoding.encoded.body)
}

/** Tells the error queue which webhook was given up, with the body it would have got. */
async function reportError(attempt: AttemptContext, target: Target): Promise<Outcome> {
  const { deps, delivery, user, owner, profile } = attempt
  const failed = await findDelivery(deps.db, deliveryId(delivery.eventId, target, delivery.part))
  const { queue: told } = deps.profiles
  if (!deps.queue || !told || !failed) return dropped('there is no message queue any more')
  // What a form would have carried beside its fields has to be inside.
  const format = profile.files?.as === 'file' ? 'json' : formatOf(owner, profile, deps.config.webhookFormat)
  const encoding = await encodeText(attempt, { format })
  if (encoding.kind !== 'encoded') return encoding
  const body = told.encodeErrorReport(encoding.encoded, {
    url: (profile.isOn(owner) && profile.urlOf(encoding.rendered, owner)) || '',
    userId: user.id,
    sealedHmacKey: deps.secrets.encrypt(owner.webhook.hmacKey),
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
export type Encoding<Encoded extends EncodedDelivery = EncodedDelivery> =
  | { kind: 'encoded'; encoded: Encoded; rendered: Rendered }
  | Dropped
  | Failure

/** What an event is written from. */
type Source = Pick<AttemptContext, 'deps' | 'delivery' | 'user' | 'profile' | 'media'>

/** Says an event in the words of a dialect. */
async function render(source: Source): Promise<{ kind: 'rendered'; rendered: Rendered } | Dropped | Failure> {
  const { deps, delivery, user, profile, media } = source
  try {
    const { at, part } = delivery
    const context = { user, timeZone: deps.config.timeZone, at, part, media }
    const rendered = await deps.profiles.renderer.render(profile.renderers, delivery, context)
    return rendered ? { kind: 'rendered', rendered } : dropped('its dialect has no word for it any more')
  } catch (error) {
    return failedRendering(source, error)
  }
}

/** Writes an event in the words of a dialect. */
async function encodeEvent(source: Source, options: Omit<DeliveryOptions, 'user'>): Promise<Encoding> {
  const rendering = await render(source)
  if (rendering.kind !== 'rendered') return rendering
  const { delivery, user, profile } = source
  const { rendered } = rendering
  try {
    const encoded = await profile.encode(rendered, { user, id: delivery.id, ...options })
    return { kind: 'encoded', encoded, rendered }
  } catch (error) {
    return failedRendering(source, error)
  }
}

function failedRendering({ deps, delivery, user }: Source, error: unknown): Failure {
  // A file that is gone is fetched again for the next attempt.
  if (error instanceof UnreadableBodyError) return { kind: 'failed', answer: String(error), isFinal: false }
  // The same event fails in the same way each time; retrying would only hold back its chat.
  deps.log.error({ err: error, user: user.id, delivery: delivery.id }, 'an event could not be rendered')
  return { kind: 'failed', answer: `rendering: ${String(error)}`, isFinal: true }
}

/** The same for whoever takes nothing but text. */
async function encodeText(
  source: Source,
  options: Omit<DeliveryOptions, 'user'>,
): Promise<Encoding<EncodedText>> {
  const encoding = await encodeEvent(source, options)
  if (encoding.kind !== 'encoded') return encoding
  const { encoded, rendered } = encoding
  if (isText(encoded)) return { kind: 'encoded', encoded, rendered }
  return { kind: 'failed', answer: 'rendering: this is not text', isFinal: true }
}

function isText(encoded: EncodedDelivery): encoded is EncodedText {
  return typeof encoded.body === 'string'
}
