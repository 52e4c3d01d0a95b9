import type { Config } from '../config.ts'
import type { Logger } from '../lib/logger.ts'
import type { Secrets } from '../lib/secrets.ts'
import type { Agents } from '../media/safe-fetch.ts'
import type { Database } from '../store/database.ts'
import type { PendingDelivery } from '../store/deliveries.ts'
import { getUser, type User } from '../store/users.ts'
import type { Event } from './event.ts'
import { type DeliveryEncoder, type EventRenderers, type RenderedMedia, renderEvent } from './renderer.ts'
import { type Outcome, postWebhook } from './webhook.ts'

/** How the events of a user are written: the renderers and the encoder of its dialect. */
export interface DeliveryDialect {
  renderers: EventRenderers
  encode: DeliveryEncoder
}

export interface AttemptDeps {
  db: Database
  secrets: Secrets
  log: Logger
  config: Config
  dialectOf: (user: User) => DeliveryDialect
  /** Fetches what a message's webhook should carry of its file; a failure is treated like one of the receiver. */
  mediaOf?: (event: Event, user: User) => Promise<RenderedMedia | undefined>
}

/**
 * Makes one attempt at a delivery. The user is read anew each time, so that a changed webhook, key or dialect
 * counts from the next attempt on, also for what was recorded before.
 */
export async function attemptDelivery(
  deps: AttemptDeps,
  delivery: PendingDelivery,
  transport: { agents: Agents; signal: AbortSignal },
): Promise<Outcome> {
  const { config } = deps
  const user = await getUser(deps.db, deps.secrets, delivery.userId)
  const isGlobal = delivery.target === 'global'
  const url = isGlobal ? config.globalWebhook : user?.webhook
  if (!user || !url) return { kind: 'dropped' }

  // The payload is what the bus stored, and only events are.
  const event = JSON.parse(delivery.payload) as Event
  let media: RenderedMedia | undefined
  try {
    media = await deps.mediaOf?.(event, user)
  } catch (error) {
    deps.log.warn(
      { err: error, user: user.id, delivery: delivery.id },
      'the media of an event could not be fetched',
    )
    return { kind: 'failed', answer: `media: ${String(error)}`, isFinal: false }
  }

  const { renderers, encode } = deps.dialectOf(user)
  let encoded: ReturnType<DeliveryEncoder>
  try {
    const rendered = await renderEvent(renderers, event, { user, timeZone: config.timeZone, media })
    if (!rendered) return { kind: 'dropped' }
    encoded = encode(rendered, {
      user,
      format: config.webhookFormat,
      // wuzapi: the user's webhook is never signed with the global key, nor the other way round.
      hmacKey: isGlobal ? config.globalHmacKey : user.hmacKey,
      includeToken: config.webhookToken,
    })
  } catch (error) {
    // The same event fails in the same way each time; retrying would only hold back its chat.
    deps.log.error({ err: error, user: user.id, delivery: delivery.id }, 'an event could not be rendered')
    return { kind: 'failed', answer: `rendering: ${String(error)}`, isFinal: true }
  }
  return postWebhook(
    { url, encoded, id: delivery.id, at: delivery.at },
    { ...transport, timeoutMs: config.webhookTimeoutMs },
  )
}
