import { chunked, type Queryable } from '../database/database.ts'
import { userCache } from '../users/user-cache.ts'

/** Proof of being the owner of a session: as long as the user's row says the same, nobody has taken it over. */
export interface Lease {
  userId: string
  /** Id of the node. */
  owner: string
  /** Grows with every owner, also when a node gets back what it had lost. */
  epoch: number
}

/** A session of a node, as its row says. */
export interface OwnedRow {
  userId: string
  epoch: number
  wanted: boolean
  /** Somebody asked for the phone to be unlinked. */
  unlink: boolean
}

/** What a node must know to decide how many sessions are its share. */
export interface Share {
  /** Sessions that should run anywhere. */
  wanted: number
  /** Nodes that are alive and take sessions. */
  nodes: number
}

/** Makes a node the owner of a session nobody owns, and the session wanted; its epoch, undefined when it has an owner. */
export async function claimLease(db: Queryable, userId: string, owner: string): Promise<number | undefined> {
  const [row] = await db('users')
    .where('id', userId)
    .whereNull('owner')
    .update({ owner, epoch: db.raw('epoch + 1'), wanted: true, unlink: false })
    .returning('epoch')
  userCache(db).forget(userId)
  return row?.epoch
}

/** Makes a node the owner of up to `limit` wanted sessions that nobody owns, oldest user first. */
export function claimWanted(db: Queryable, owner: string, limit: number): Promise<OwnedRow[]> {
  const free = db('users')
    .select('id')
    .where('wanted', true)
    .whereNull('owner')
    .orderBy('id')
    .limit(limit)
    .forNoKeyUpdate()
    .skipLocked()
  return db('users')
    .whereIn('id', free)
    .update({ owner, epoch: db.raw('epoch + 1') })
    .returning(ROW)
    .then(fromRows)
}

/** Gives a node that was started again what it had before, with new epochs: its former process may still be at work. */
export function adoptLeases(db: Queryable, owner: string): Promise<OwnedRow[]> {
  return db('users')
    .where({ owner })
    .update({ epoch: db.raw('epoch + 1') })
    .returning(ROW)
    .then(fromRows)
}

/** Everything a node owns. */
export function ownedLeases(db: Queryable, owner: string): Promise<OwnedRow[]> {
  return db('users').select(ROW).where({ owner }).then(fromRows)
}

/** Gives a session up; nothing happens when it is no longer owned under this lease. */
export async function releaseLease(db: Queryable, { userId, owner, epoch }: Lease): Promise<void> {
  await db('users')
    .where({ id: userId, owner, epoch })
    .update({ owner: null, unlink: false, session_state: '' })
}

/**
 * Frees what dead nodes own. A session whose row is locked stays for the next time: its former owner is in the middle
 * of a commit.
 */
export async function freeOrphans(db: Queryable): Promise<number> {
  const orphans = db('users')
    .select('id')
    .whereIn('owner', db('nodes').select('id').where('incarnation', ''))
    .forNoKeyUpdate()
    .skipLocked()
  return db('users').whereIn('id', orphans).update({ owner: null, session_state: '' })
}

/** How many sessions should run and how many nodes there are for them. */
export async function readShare(db: Queryable): Promise<Share> {
  const { rows } = await db.raw<{ rows: [Share] }>(
    `select (select count(*) from users where users.wanted) as wanted,
            (select count(*) from nodes where nodes.incarnation <> '' and not nodes.draining) as nodes`,
  )
  return rows[0]
}

/** Where the owner of a session is reached, and whether the session is wanted; undefined for an unknown user. */
export async function findOwner(
  db: Queryable,
  userId: string,
): Promise<{ owner: string | null; address: string | null; wanted: boolean } | undefined> {
  return db('users')
    .leftJoin('nodes', 'nodes.id', 'users.owner')
    .where('users.id', userId)
    .first('users.owner', 'nodes.address', 'users.wanted')
}

/** What a session changes in the row of its user. */
export interface SessionNotes {
  jid?: string
  wanted?: boolean
  /** JID with device part that was linked last. */
  last_jid?: string
  /** Unix milliseconds. */
  last_active_at?: number
}

/**
 * Writes what a session says of itself, if its lease is good; false when it is not, or its user is being deleted, and
 * nothing is written.
 */
export async function noteSession(
  db: Queryable,
  user: { userId: string; lease?: Lease },
  notes: SessionNotes,
): Promise<boolean> {
  const { userId, lease } = user
  const changed = await db('users')
    .where({ id: userId, ...(lease && { owner: lease.owner, epoch: lease.epoch }) })
    .whereNull('removed_at')
    .update(notes)
  userCache(db).forget(userId)
  return changed > 0
}

/** How a session stands, in the words of its state machine. */
export interface SessionNews {
  lease: Lease
  state: string
}

/** Tells the other nodes how sessions stand; news of sessions that have another owner are dropped. */
export async function writeStates(db: Queryable, news: SessionNews[]): Promise<void> {
  for (const some of chunked(news)) {
    await db.raw(
      `update users set session_state = news.state
         from (values ${some.map(() => '(?, ?, ?::integer, ?)').join(', ')}) as news (id, owner, epoch, state)
        where users.id = news.id and users.owner = news.owner and users.epoch = news.epoch`,
      some.flatMap(({ lease, state }) => [lease.userId, lease.owner, lease.epoch, state]),
    )
  }
}

/** What the owners last said of their sessions, of one user or all; sessions of this node and of nobody are left out. */
export async function statesElsewhere(
  db: Queryable,
  { node, userId }: { node: string; userId?: string },
): Promise<Map<string, string>> {
  const rows: { id: string; session_state: string }[] = await db('users')
    .select('id', 'session_state')
    .whereNot('owner', node)
    .modify((query) => {
      if (userId !== undefined) query.where('id', userId)
    })
  return new Map(rows.map(({ id, session_state }) => [id, session_state]))
}

/**
 * Says that a session of another node is to end. Of a user that is being deleted this is said already, so what its node
 * has noted of the link stays.
 */
export async function requestEnd(
  db: Queryable,
  userId: string,
  { unlink }: { unlink: boolean },
): Promise<void> {
  const unlinked = db.raw(`case when removed_at is null then '' else unlinked end`)
  await db('users')
    .where('id', userId)
    .update({ wanted: false, ...(unlink && { unlink, unlinked }) })
  userCache(db).forget(userId)
}

/** Which of these users exist. */
export async function existingUsers(db: Queryable, ids: string[]): Promise<Set<string>> {
  const found = new Set<string>()
  for (const some of chunked(ids))
    for (const id of await db('users').whereIn('id', some).pluck('id')) found.add(id)
  return found
}

const ROW = ['id', 'epoch', 'wanted', 'unlink']

function fromRows(rows: { id: string; epoch: number; wanted: boolean; unlink: boolean }[]): OwnedRow[] {
  return rows.map(({ id, ...row }) => ({ userId: id, ...row }))
}
