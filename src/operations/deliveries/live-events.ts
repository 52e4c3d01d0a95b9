import type { WebhookProfile } from '../../delivery/webhook-profiles.ts'
import type { RecordedEvent } from '../../events/bus.ts'
import { ApiError } from '../../lib/errors.ts'
import { getUser } from '../../store/users/users.ts'
import type { Services, UserScope } from '../services.ts'
import { LONGEST_SHOWN, type Told, tellAs } from './telling.ts'

/** An event as it is told live. */
export interface LiveEvent {
  id: string
  /** Unix milliseconds. */
  at: number
  type: string
  /** '' for none. */
  chat: string
  /** The event as it is stored; null where it is too large to be shown. */
  event: object | null
  /** The length of its JSON text. */
  size: number
  /** What webhooks of the dialects that were asked for are told of it. */
  told: Told[]
}

/** How many events may wait to be put into words; further ones are only counted. */
const MOST_WAITING = 200

/** What is told: an event, or how many came too fast. */
export type LiveMessage =
  | { event: 'event'; id: string; data: LiveEvent }
  | { event: 'missed'; id?: undefined; data: { count: number } }

/**
 * Tells what happens to the caller from now on, in its order, until the function that it yields is called. Events are put into
 * the words of the named dialects only meanwhile. Throws `invalid_field` for an unknown dialect.
 */
export function watchEvents(
  { user, services }: UserScope,
  dialects: string[],
  tell: (message: LiveMessage) => void,
): () => void {
  const line = new LiveLine(services, profilesNamed(services, dialects), tell)
  return services.events.listen((userId, recorded) => {
    if (userId === user.id) line.add(userId, recorded)
  })
}

/** How these dialects tell webhooks what happened. Throws `invalid_field` for one that is unknown. */
export function profilesNamed({ webhooks }: Services, dialects: string[]): [string, WebhookProfile][] {
  const known = webhooks.byDialect
  return [...new Set(dialects)].map((name) => {
    const profile = known.get(name)
    if (profile) return [name, profile]
    throw new ApiError('invalid_field', { text: `dialects must be among ${[...known.keys()].join(', ')}` })
  })
}

/** Events on their way to one listener, in their order. */
class LiveLine {
  readonly #services: Services
  readonly #profiles: [string, WebhookProfile][]
  readonly #send: (message: LiveMessage) => void
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #missed = 0

  constructor(
    services: Services,
    profiles: [string, WebhookProfile][],
    send: (message: LiveMessage) => void,
  ) {
    this.#services = services
    this.#profiles = profiles
    this.#send = send
  }

  add(userId: string, recorded: RecordedEvent[]): void {
    for (const one of recorded) {
      if (this.#waiting >= MOST_WAITING) {
        this.#missed++
        continue
      }
      this.#waiting++
      this.#last = this.#last.then(() => this.#tell(userId, one))
    }
  }

  async #tell(userId: string, { id, at, event }: RecordedEvent): Promise<void> {
    try {
      const size = JSON.stringify(event).length
      const isShown = size <= LONGEST_SHOWN
      const told = isShown ? await this.#toldOf(userId, { id, at, event }) : []
      if (this.#missed > 0) this.#send({ event: 'missed', data: { count: this.#missed } })
      this.#missed = 0
      const chat = 'chat' in event && typeof event.chat === 'string' ? event.chat : ''
      const data: LiveEvent = { id, at, type: event.type, chat, event: isShown ? event : null, size, told }
      this.#send({ event: 'event', id, data })
    } catch (error) {
      // The event is stored and on its way to its receivers; whoever watches sees the next one.
      this.#services.log.warn({ err: error, user: userId }, 'an event could not be told live')
    } finally {
      this.#waiting--
    }
  }

  async #toldOf(userId: string, { id, at, event }: RecordedEvent): Promise<Told[]> {
    const { db, secrets } = this.#services
    const user = await getUser(db, secrets, userId)
    if (!user) return []
    const told: Told[] = []
    for (const profile of this.#profiles)
      told.push(...(await tellAs(this.#services, profile, { user, id, event, at })))
    return told
  }
}
