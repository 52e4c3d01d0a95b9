import { renderEvent } from '../../delivery/renderer.ts'
import { secretsOf } from '../../delivery/secrets-of.ts'
import type { WebhookProfile } from '../../delivery/webhook-profiles.ts'
import type { Event } from '../../events/event.ts'
import { redactedStart } from '../../lib/secrets/redact.ts'
import type { LoggedDelivery } from '../../store/delivery/delivery-log.ts'
import { shortPayloads } from '../../store/delivery/events.ts'
import { blankWebhook, getWebhooks } from '../../store/delivery/webhooks.ts'
import { getUser, type User } from '../../store/users/users.ts'
import type { Services } from '../services.ts'

/** What a webhook of a dialect is told of an event. */
export interface Told {
  dialect: string
  /** What the dialect calls it. */
  event: string
  /** The body as JSON text, without secrets and without the file of a message; cut off where it is too long to be read. */
  body: string
}

/** Something that happened to a user. */
export interface Happening {
  user: User
  /** Id of the event, or of its delivery. */
  id: string
  event: Event
  /** When it was stored, unix milliseconds. */
  at: number
}

/** Larger events, such as a part of the history, are shown to nobody who only looks. */
export const LONGEST_SHOWN = 128 * 1024

/** What a webhook of a dialect is told of an event that is subscribed to everything there is; often nothing. */
export async function tellAs(
  services: Services,
  [dialect, profile]: [string, WebhookProfile],
  happening: Happening,
): Promise<Told[]> {
  const { event, user } = happening
  // A list without names is everything, where a dialect has no word for that.
  const webhook = { ...blankWebhook('', profile.slot), events: profile.eventNames ? 'All' : '' }
  const owner = { user, config: services.config, webhook, own: webhook }
  if (event.type !== 'test' && !profile.wants(event, owner)) return []
  const told: Told[] = []
  for (const part of profile.parts?.(event, owner) ?? ['']) {
    const one = await tellPart(services, profile, { ...happening, part })
    if (one) told.push({ dialect, ...one })
  }
  return told
}

/** What the receiver of a delivery is told; undefined where that is nothing any more, or too much. */
export async function toldIn(
  services: Services,
  { id, eventId, userId, target, part, createdAt: at }: LoggedDelivery,
): Promise<Omit<Told, 'dialect'> | undefined> {
  const { db, secrets, webhooks } = services
  const profile = webhooks.find(target)
  const user = await getUser(db, secrets, userId)
  const payload = (await shortPayloads(db, [eventId], LONGEST_SHOWN)).get(eventId)
  if (!profile || !user || payload === undefined) return undefined
  // The payload is what the bus stored, and only events are.
  return tellPart(services, profile, { user, id, event: JSON.parse(payload) as Event, at, part })
}

async function tellPart(
  { db, secrets, config, log }: Services,
  profile: WebhookProfile,
  { user, id, event, at, part }: Happening & { part: string },
): Promise<Omit<Told, 'dialect'> | undefined> {
  try {
    const rendered = await renderEvent(profile.renderers, event, {
      user,
      timeZone: config.timeZone,
      at,
      part,
    })
    if (!rendered) return undefined
    const { body } = await profile.encode(rendered, { user, id, format: 'json' })
    if (typeof body !== 'string') return undefined
    const hidden = secretsOf({ config, user, webhooks: (await getWebhooks(db, secrets, user.id)).values() })
    return { event: rendered.name, body: redactedStart(body, hidden, LONGEST_SHOWN) }
  } catch (error) {
    // Whoever is told it counts it as a failure and has it in its log; here somebody only looks.
    log.debug({ err: error, user: user.id }, 'an event could not be shown')
    return undefined
  }
}
