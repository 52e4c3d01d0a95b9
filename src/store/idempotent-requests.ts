import { Batcher } from '../lib/flow/batcher.ts'
import { type Database, judgeWrite, type Queryable } from './database/database.ts'
import { storable } from './database/storable.ts'

/** A request that its caller may repeat, as it was first made. */
export interface RepeatableRequest {
  userId: string
  /** What the caller knows it by. */
  key: string
  /** Digest of what was asked for. */
  fingerprint: string
  /** The WhatsApp id its message has, however often it is sent. */
  messageId: string
  /** When it was first made, unix milliseconds. */
  at: number
}

/** What it was answered. */
export interface KeptAnswer {
  status: number
  contentType: string
  body: string
}

interface RequestRow {
  user_id: string
  key: string
  fingerprint: string
  message_id: string
  at: number
  answer_status: number | null
  answer_type: string | null
  answer_body: string | null
}

/** Of requests, and of answers, which share a write. */
const MOST_AT_ONCE = 50

/** The requests that may be repeated, and what they were answered. What comes at the same moment is written together. */
export class RepeatableRequests {
  readonly #db: Database
  readonly #claims: Batcher<RepeatableRequest, Set<RepeatableRequest>>
  readonly #answers: Batcher<Answered>

  constructor(db: Database) {
    this.#db = db
    const together = { judge: judgeWrite, maxSize: MOST_AT_ONCE }
    this.#claims = new Batcher({ ...together, write: (requests) => claimRequests(db, requests) })
    this.#answers = new Batcher({ ...together, write: (answers) => keepAnswers(db, answers) })
  }

  /** The request as it was first made, written down: this one, unless its key is taken. With the answer once there is one. */
  async firstOf(request: RepeatableRequest): Promise<RepeatableRequest & { answer?: KeptAnswer }> {
    const claimed = await this.#claims.add(request)
    return claimed.has(request) ? request : ((await findRequest(this.#db, request)) ?? request)
  }

  /** Keeps what a request was answered. */
  keepAnswer(request: RepeatableRequest, answer: KeptAnswer): Promise<void> {
    return this.#answers.add({ request, answer })
  }
}

interface Answered {
  request: Pick<RepeatableRequest, 'userId' | 'key'>
  answer: KeptAnswer
}

/** Writes requests down unless their keys are taken; yields those that were not. */
export async function claimRequests<Request extends RepeatableRequest>(
  db: Queryable,
  requests: Request[],
): Promise<Set<Request>> {
  const rows = requests.map(({ userId, key, fingerprint, messageId, at }) => ({
    user_id: userId,
    key,
    fingerprint,
    message_id: messageId,
    at,
  }))
  const claimed: Pick<RequestRow, 'user_id' | 'key'>[] = await db('repeatable_requests')
    .insert(rows)
    .onConflict(['user_id', 'key'])
    .ignore()
    .returning(['user_id', 'key'])
  const names = new Set(claimed.map(({ user_id, key }) => `${user_id}/${key}`))
  // Of two whose keys are one once they are stored, the first has it.
  return new Set(requests.filter(({ userId, key }) => names.delete(`${userId}/${storable(key)}`)))
}

/** What stands under a key, with the answer once there is one. */
async function findRequest(
  db: Queryable,
  name: Pick<RepeatableRequest, 'userId' | 'key'>,
): Promise<(RepeatableRequest & { answer?: KeptAnswer }) | undefined> {
  const first = await db<RequestRow>('repeatable_requests').where(nameOf(name)).first()
  return first && fromRow(first)
}

/** Keeps what requests were answered, with one statement. */
async function keepAnswers(db: Queryable, answers: Answered[]): Promise<void> {
  // The types are for PostgreSQL, which cannot know them from parameters.
  const given = answers.map(
    () =>
      'select cast(? as text) as user_id, cast(? as text) as key, cast(? as integer) as status, cast(? as text) as type, cast(? as text) as body',
  )
  await db.raw(
    `update repeatable_requests
        set answer_status = given.status, answer_type = given.type, answer_body = given.body
       from (${given.join(' union all ')}) as given
      where repeatable_requests.user_id = given.user_id and repeatable_requests.key = given.key`,
    answers.flatMap(({ request: { userId, key }, answer: { status, contentType, body } }) => [
      userId,
      key,
      status,
      contentType,
      body,
    ]),
  )
}

/** Removes up to `limit` requests first made before an instant (milliseconds); returns how many. */
export function pruneRequests(db: Queryable, before: number, limit = 1000): Promise<number> {
  const oldest = db('repeatable_requests')
    .select('user_id', 'key')
    .where('at', '<', before)
    .orderBy('at')
    .limit(limit)
  return db('repeatable_requests').whereIn(['user_id', 'key'], oldest).delete()
}

function nameOf({ userId, key }: Pick<RepeatableRequest, 'userId' | 'key'>) {
  return { user_id: userId, key }
}

function fromRow(row: RequestRow): RepeatableRequest & { answer?: KeptAnswer } {
  const { answer_status: status, answer_type: contentType, answer_body: body } = row
  return {
    userId: row.user_id,
    key: row.key,
    fingerprint: row.fingerprint,
    messageId: row.message_id,
    at: row.at,
    ...(status !== null &&
      contentType !== null &&
      body !== null && { answer: { status, contentType, body } }),
  }
}
