import type { Knex } from 'knex'
import { ApiError } from '../../lib/errors.ts'
import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../database/database.ts'
import { forgetWebhooks } from '../delivery/webhooks.ts'
import { userCache } from './user-cache.ts'

/** Where a user's media are put, besides or instead of inside the webhook. */
export interface S3Settings {
  enabled: boolean
  endpoint: string
  region: string
  bucket: string
  accessKey: string
  secretKey: string
  pathStyle: boolean
  publicUrl: string
  retentionDays: number
}

/** A user of the API: a token, its settings, and the WhatsApp session behind it. Secrets are clear in memory. */
export interface User {
  /** 32 lower-case hex characters. */
  id: string
  name: string
  /** Empty for a user that cannot authenticate. */
  token: string
  /** JID of the linked account, empty before pairing. */
  jid: string
  /** Whether the session should be connected, also after a restart. */
  wanted: boolean
  expiration: number
  /** Messages kept per chat, 0 for none. */
  history: number
  daysToSyncHistory: number
  proxyUrl: string
  webhookUseProxy: boolean
  s3: S3Settings
  mediaDelivery: '' | 'base64' | 's3' | 'both'
  /** Dialect profile pinned for this user, empty for the server's. */
  profile: '' | 'reference' | 'current'
  /** What the phone calls this server in its list of linked devices, empty for the server's own name. */
  deviceName: string
  /** The customer the user belongs to as a device, null for all others. */
  customerId: number | null
  /** Keyed hash of the secret that tokens are issued for, '' for none. */
  deviceSecretHash: string
  /** Of the signed tokens that count; a new one raises it. */
  tokenVersion: number
  /** JID with device part that was linked last, '' for none. */
  lastJid: string
  /** Unix milliseconds; null before the first use. */
  lastActiveAt: number | null
  /** Unix milliseconds. */
  createdAt: number
}

const ID = /^[0-9a-f]{32}$/
/** Users that are being deleted are seen by `removals.ts` alone. */
const REMOVED = 'removed_at'

/** The part of a user that can change. */
export type UserPatch = Partial<Omit<User, 'id' | 'createdAt'>>

/** A user as the database has it. */
export interface UserRow {
  id: string
  name: string
  sealed_token: string
  token_index: string | null
  jid: string
  wanted: boolean | 0 | 1
  expiration: number
  history: number
  days_to_sync_history: number
  sealed_proxy_url: string
  webhook_use_proxy: boolean | 0 | 1
  s3_enabled: boolean | 0 | 1
  s3_endpoint: string
  s3_region: string
  s3_bucket: string
  sealed_s3_access_key: string
  sealed_s3_secret_key: string
  s3_path_style: boolean | 0 | 1
  s3_public_url: string
  s3_retention_days: number
  media_delivery: User['mediaDelivery']
  profile: User['profile']
  device_name: string
  customer_id: number | null
  device_secret_hash: string
  token_version: number
  last_jid: string
  last_active_at: number | null
  created_at: number
}

/** The user with this token; an empty token belongs to nobody. */
export async function findUserByToken(
  db: Queryable,
  secrets: Secrets,
  token: string,
): Promise<User | undefined> {
  if (token === '') return undefined
  const index = secrets.blindIndex(token)
  return userCache(db).byToken(index, () => readUser(db, secrets, { token_index: index }))
}

/** The user with this id. */
export function getUser(db: Queryable, secrets: Secrets, id: string): Promise<User | undefined> {
  return userCache(db).byId(id, () => readUser(db, secrets, { id }))
}

/** The same past what is remembered, for what another node may have changed a moment ago. */
export function getUserAnew(db: Queryable, secrets: Secrets, id: string): Promise<User | undefined> {
  return readUser(db, secrets, { id })
}

async function readUser(
  db: Queryable,
  secrets: Secrets,
  where: Partial<Pick<UserRow, 'id' | 'token_index'>>,
): Promise<User | undefined> {
  const row = await db<UserRow>('users').where(where).whereNull(REMOVED).first()
  return row && userOfRow(row, secrets)
}

/** The users that are devices of a customer, newest first. */
export function listDevices(db: Queryable, secrets: Secrets, customerId: number): Promise<User[]> {
  return newestFirst(db<UserRow>('users').where({ customer_id: customerId }), secrets)
}

/** The users that are devices of some customer, newest first. */
export function listAllDevices(db: Queryable, secrets: Secrets): Promise<User[]> {
  return newestFirst(db<UserRow>('users').whereNotNull('customer_id'), secrets)
}

async function newestFirst(users: Knex.QueryBuilder<UserRow, UserRow[]>, secrets: Secrets): Promise<User[]> {
  const rows = await users.whereNull(REMOVED).orderBy([
    { column: 'created_at', order: 'desc' },
    { column: 'id', order: 'desc' },
  ])
  return rows.map((row) => userOfRow(row, secrets))
}

/** Every user, oldest first. */
export async function listUsers(db: Queryable, secrets: Secrets): Promise<User[]> {
  const rows = await db<UserRow>('users').whereNull(REMOVED).orderBy(['created_at', 'id'])
  return rows.map((row) => userOfRow(row, secrets))
}

/** The users with this name, oldest first; names need not be unique. At most two: enough to see that there are several. */
export async function findUsersByName(db: Queryable, secrets: Secrets, name: string): Promise<User[]> {
  const rows = await db<UserRow>('users')
    .where({ name })
    .whereNull(REMOVED)
    .orderBy(['created_at', 'id'])
    .limit(2)
  return rows.map((row) => userOfRow(row, secrets))
}

/** The name, or the id, of the user whose session has this linked device; `jid` with device part. */
export async function findUserByDevice(db: Queryable, jid: string): Promise<string | undefined> {
  const row = await db<UserRow>('users')
    .where({ last_jid: jid })
    .where('jid', '<>', '')
    .whereNull(REMOVED)
    .first('id', 'name')
  return row && (row.name || row.id)
}

/** How many users there are. */
export async function countUsers(db: Queryable): Promise<number> {
  const row = await db('users').whereNull(REMOVED).count({ users: '*' }).first()
  return Number(row?.users ?? 0)
}

/** Stores a new user; throws ApiError `conflict` when the token or the id is taken, or the name is somebody's id. */
export async function insertUser(db: Queryable, secrets: Secrets, user: User): Promise<void> {
  const row = { id: user.id, created_at: user.createdAt, ...toRow(user, secrets) }
  if (ID.test(user.name)) await refuseIdAsName(db, user)
  await db('users').insert(row).catch(refuseTakenToken)
}

/**
 * Changes some settings of a user and returns the user as it then is; undefined when there is none. Throws ApiError
 * `conflict` as `insertUser`.
 */
export async function updateUser(
  db: Queryable,
  secrets: Secrets,
  id: string,
  patch: UserPatch,
): Promise<User | undefined> {
  const row = toRow(patch, secrets)
  if (Object.keys(row).length > 0) {
    if (patch.name !== undefined && ID.test(patch.name)) await refuseIdAsName(db, { id, name: patch.name })
    await db('users')
      .where('id', id)
      .whereNull(REMOVED)
      .update(row)
      .catch(refuseTakenToken)
      .finally(() => userCache(db).forget(id))
  }
  return getUser(db, secrets, id)
}

/**
 * Raises the version of a device's tokens by one and notes that it was used; of several calls at the same moment each gets
 * a version of its own. Undefined when there is no such user.
 */
export async function raiseTokenVersion(
  db: Queryable,
  secrets: Secrets,
  id: string,
  now = Date.now(),
): Promise<User | undefined> {
  const [row]: UserRow[] = await db('users')
    .where('id', id)
    .whereNull(REMOVED)
    .update({ token_version: db.raw('token_version + 1'), last_active_at: now })
    .returning('*')
    .finally(() => userCache(db).forget(id))
  return row && userOfRow(row, secrets)
}

/** Must be called after a transaction that changed a user, or something of it that is remembered, has ended. */
export function forgetUser(db: Queryable, id: string): void {
  userCache(db).forget(id)
  forgetWebhooks(db, id)
}

/** Removes a user with everything that belongs to it; false when there was none. */
export async function deleteUser(db: Queryable, id: string): Promise<boolean> {
  const deleted = await db('users').where('id', id).delete()
  forgetUser(db, id)
  return deleted > 0
}

/** A user as it is in memory, secrets opened. */
export function userOfRow(row: UserRow, secrets: Secrets): User {
  return {
    id: row.id,
    name: row.name,
    token: secrets.decrypt(row.sealed_token),
    jid: row.jid,
    wanted: Boolean(row.wanted),
    expiration: row.expiration,
    history: row.history,
    daysToSyncHistory: row.days_to_sync_history,
    proxyUrl: secrets.decrypt(row.sealed_proxy_url),
    webhookUseProxy: Boolean(row.webhook_use_proxy),
    s3: {
      enabled: Boolean(row.s3_enabled),
      endpoint: row.s3_endpoint,
      region: row.s3_region,
      bucket: row.s3_bucket,
      accessKey: secrets.decrypt(row.sealed_s3_access_key),
      secretKey: secrets.decrypt(row.sealed_s3_secret_key),
      pathStyle: Boolean(row.s3_path_style),
      publicUrl: row.s3_public_url,
      retentionDays: row.s3_retention_days,
    },
    mediaDelivery: row.media_delivery,
    profile: row.profile,
    deviceName: row.device_name,
    customerId: row.customer_id,
    deviceSecretHash: row.device_secret_hash,
    tokenVersion: row.token_version,
    lastJid: row.last_jid,
    lastActiveAt: row.last_active_at,
    createdAt: row.created_at,
  }
}

/** The columns of the given members; members that are absent leave their columns alone. */
function toRow(user: UserPatch, secrets: Secrets): Partial<UserRow> {
  const columns: Partial<UserRow> = {
    name: user.name,
    jid: user.jid,
    wanted: user.wanted,
    expiration: user.expiration,
    history: user.history,
    days_to_sync_history: user.daysToSyncHistory,
    webhook_use_proxy: user.webhookUseProxy,
    media_delivery: user.mediaDelivery,
    profile: user.profile,
    device_name: user.deviceName,
    customer_id: user.customerId,
    device_secret_hash: user.deviceSecretHash,
    token_version: user.tokenVersion,
    last_jid: user.lastJid,
    last_active_at: user.lastActiveAt,
    s3_enabled: user.s3?.enabled,
    s3_endpoint: user.s3?.endpoint,
    s3_region: user.s3?.region,
    s3_bucket: user.s3?.bucket,
    s3_path_style: user.s3?.pathStyle,
    s3_public_url: user.s3?.publicUrl,
    s3_retention_days: user.s3?.retentionDays,
    sealed_s3_access_key: encryptText(user.s3?.accessKey, secrets),
    sealed_s3_secret_key: encryptText(user.s3?.secretKey, secrets),
    sealed_token: encryptText(user.token, secrets),
    sealed_proxy_url: encryptText(user.proxyUrl, secrets),
  }
  // Several users may have no token; the unique index ignores nulls.
  if (user.token !== undefined)
    columns.token_index = user.token === '' ? null : secrets.blindIndex(user.token)
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}

function encryptText(clear: string | undefined, secrets: Secrets): string | undefined {
  return clear === undefined ? undefined : secrets.encrypt(clear)
}

/**
 * Some dialects call users by name or id: what is one user's id must not be another one's name. No new id can be a name
 * that somebody has, because ids are random and not known before they are stored.
 */
async function refuseIdAsName(db: Queryable, { id, name }: Pick<User, 'id' | 'name'>): Promise<void> {
  const bearer = await db('users').where('id', name).whereNot('id', id).first('id')
  if (bearer) throw new ApiError('conflict', { text: 'the name is the id of another user' })
}

function refuseTakenToken(cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  // PostgreSQL's unique_violation; SQLite reports every kind of constraint under one code.
  if (code === '23505' || code === 'SQLITE_CONSTRAINT') {
    throw new ApiError('conflict', { text: 'user with this token already exists' }, { cause })
  }
  throw cause
}
