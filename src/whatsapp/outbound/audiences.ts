import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import type { Database } from '../../store/database/database.ts'
import { findAudience, keepAudience } from '../../store/messages/audiences.ts'
import { type GroupMetadata, isJidGroup, isJidStatusBroadcast } from '../library/engine.ts'
import { withoutDevice } from '../wire/jid.ts'
import type { OutgoingMessage } from './outgoing.ts'

// Bounds the memory of all sessions together, in people; a group has up to a thousand, under two identities each.
const PEOPLE_IN_MEMORY = 500_000
const NOTED_AUDIENCES = 20_000
// Rows are removed long after their last note, see `delivery/retention.ts`.
const NOTE_MS = 3_600_000

/**
 * Whom messages to groups and statuses went to. Only they may have another copy, also after a restart and when the
 * group has changed. A membership is stored once however many messages it gets.
 */
export class Audiences {
  readonly #db: Database
  readonly #known = new LRUCache<string, Set<string>>({
    maxSize: PEOPLE_IN_MEMORY,
    sizeCalculation: (people) => people.size + 1,
  })
  readonly #noted = new BoundedCache<string, true>({ max: NOTED_AUDIENCES, ttl: NOTE_MS })

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Whom a message goes to, stored, where that is not the chat itself; undefined where the message does not say for whom
   * a status is. Rejects like `groupOf`: whoever sends to a group
   * that WhatsApp does not tell about would ask again, in vain.
   */
  async of(
    userId: string,
    { to, statusJidList }: Pick<OutgoingMessage, 'to' | 'statusJidList'>,
    groupOf: (jid: string) => Promise<GroupMetadata | undefined>,
  ): Promise<string | undefined> {
    if (isJidStatusBroadcast(to)) return statusJidList && this.#keep(userId, statusJidList.map(withoutDevice))
    if (!isJidGroup(to)) return undefined
    const group = await groupOf(to)
    return this.#keep(userId, group ? peopleIn(group) : [])
  }

  /** Stores an audience, JIDs without device, unless it is; gives what messages call it by. */
  async #keep(userId: string, members: readonly string[]): Promise<string> {
    const id = digestOf(members)
    const name = `${userId}/${id}`
    if (!this.#noted.has(name)) {
      const people = new Set(members)
      await keepAudience(this.#db, { userId, id, members: [...people], at: Date.now() })
      this.#noted.set(name, true)
      this.#known.set(name, people)
    }
    return id
  }

  /** Whether a person, by any of these JIDs, is in an audience. */
  async includes(userId: string, id: string, person: readonly string[]): Promise<boolean> {
    const name = `${userId}/${id}`
    let people = this.#known.get(name)
    if (!people) {
      people = new Set(await findAudience(this.#db, { userId, id }))
      this.#known.set(name, people)
    }
    const all = people
    return person.some((jid) => all.has(jid))
  }
}

const digests = new WeakMap<readonly string[], string>()

/** The same for the same people in any order; of one list it is made once. */
function digestOf(members: readonly string[]): string {
  const known = digests.get(members)
  if (known) return known
  const people = [...new Set(members)].sort().join(' ')
  const digest = hash('sha256', people, 'base64url')
  digests.set(members, digest)
  return digest
}

const peopleOfGroups = new WeakMap<GroupMetadata, string[]>()

/** The people in a group, by every JID that its metadata tells of them, without device. */
export function peopleIn(group: GroupMetadata): string[] {
  const known = peopleOfGroups.get(group)
  if (known) return known
  const people = group.participants.flatMap(({ id, lid, phoneNumber }) =>
    [id, lid, phoneNumber].filter((jid) => jid !== undefined).map(withoutDevice),
  )
  peopleOfGroups.set(group, people)
  return people
}
