import type { Queryable } from '../database/database.ts'

/** A node as the others see it. Instants are the database's, in unix milliseconds. */
export interface ClusterNode {
  id: string
  /** Where other nodes reach it. */
  address: string
  startedAt: number
  /** Until when its leases hold; for a dead node, until when they held. */
  seenUntil: number
  /** It is about to stop and takes no more sessions. */
  isDraining: boolean
  isAlive: boolean
  /** Sessions it runs. */
  sessions: number
}

/** A process that presents itself under a node's id. */
export interface NodeIdentity {
  id: string
  address: string
  /** Tells this process from a former or another one with the same id. */
  incarnation: string
}

/** The database's clock in unix milliseconds. */
const NOW = '(extract(epoch from clock_timestamp()) * 1000)::bigint'

// Dead nodes are shown for a while, so that somebody who looks at the list sees what happened.
const SHOWN_AFTER_DEATH_MS = 10 * 60 * 1000

/** All nodes, the dead ones of the last minutes included, in the order they were started. PostgreSQL only. */
export async function listNodes(db: Queryable): Promise<ClusterNode[]> {
  const { rows } = await db.raw<{ rows: NodeRow[] }>(
    `select nodes.id, nodes.address, nodes.started_at, nodes.seen_until, nodes.draining,
            nodes.incarnation <> '' and nodes.seen_until > ${NOW} as alive,
            (select count(*) from users where users.owner = nodes.id) as sessions
       from nodes
      order by nodes.started_at, nodes.id`,
  )
  return rows.map(fromRow)
}

/** Begins, or takes over from a former process, the life of a node under its id. */
export async function registerNode(db: Queryable, node: NodeIdentity, leaseMs: number): Promise<void> {
  await db.raw(
    `insert into nodes (id, address, incarnation, started_at, seen_until, draining)
     values (?, ?, ?, ${NOW}, ${NOW} + ?, false)
     on conflict (id) do update
        set address = excluded.address, incarnation = excluded.incarnation, started_at = excluded.started_at,
            seen_until = excluded.seen_until, draining = false`,
    [node.id, node.address, node.incarnation, leaseMs],
  )
}

/** Extends the lease of a node; false when it was found dead, or another process uses its id. */
export async function renewNode(db: Queryable, node: NodeIdentity, leaseMs: number): Promise<boolean> {
  const { rowCount } = await db.raw<{ rowCount: number }>(
    `update nodes set seen_until = ${NOW} + ? where id = ? and incarnation = ?`,
    [leaseMs, node.id, node.incarnation],
  )
  return rowCount > 0
}

/** The process that lives under a node's id, '' when none does. */
export async function incarnationOf(db: Queryable, id: string): Promise<string> {
  const row = await db('nodes').where({ id }).first('incarnation')
  return row?.incarnation ?? ''
}

/** Tells the others that this node gives its sessions away. */
export async function markDraining(db: Queryable, node: NodeIdentity): Promise<void> {
  await db('nodes').where({ id: node.id, incarnation: node.incarnation }).update({ draining: true })
}

/** Ends the life of a node that stops; whatever it still owned is free. */
export async function removeNode(db: Queryable, node: NodeIdentity): Promise<void> {
  await db.raw(
    `with gone as (delete from nodes where id = ? and incarnation = ? returning id)
     update users set owner = null, session_state = '' where owner in (select gone.id from gone)`,
    [node.id, node.incarnation],
  )
}

/** Declares the nodes dead whose lease has run out; yields the newly dead. */
export async function buryNodes(db: Queryable): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `update nodes set incarnation = '' where incarnation <> '' and seen_until <= ${NOW} returning id`,
  )
  return rows.map(({ id }) => id)
}

/** Forgets the nodes that died a while ago and own nothing any more. */
export async function forgetDeadNodes(db: Queryable): Promise<void> {
  await db.raw(
    `delete from nodes
      where incarnation = '' and seen_until < ${NOW} - ?
        and not exists (select 1 from users where users.owner = nodes.id)`,
    [SHOWN_AFTER_DEATH_MS],
  )
}

interface NodeRow {
  id: string
  address: string
  started_at: number
  seen_until: number
  draining: boolean
  alive: boolean
  sessions: number
}

function fromRow(row: NodeRow): ClusterNode {
  return {
    id: row.id,
    address: row.address,
    startedAt: row.started_at,
    seenUntil: row.seen_until,
    isDraining: row.draining,
    isAlive: row.alive,
    sessions: row.sessions,
  }
}
