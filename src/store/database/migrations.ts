import { setTimeout as delay } from 'node:timers/promises'
import type { Knex } from 'knex'
import * as users from '../../../migrations/0.1.0/0001_users.ts'
import * as auth from '../../../migrations/0.1.0/0002_auth.ts'
import * as inbox from '../../../migrations/0.1.0/0003_inbox.ts'
import * as events from '../../../migrations/0.1.0/0004_events.ts'
import * as messages from '../../../migrations/0.1.0/0005_messages.ts'
import * as contacts from '../../../migrations/0.1.0/0006_contacts.ts'
import * as history from '../../../migrations/0.1.0/0007_history.ts'
import * as sends from '../../../migrations/0.1.0/0008_sends.ts'
import * as ledger from '../../../migrations/0.1.0/0009_ledger.ts'
import * as cluster from '../../../migrations/0.1.0/0010_cluster.ts'
import * as dialectWebhooks from '../../../migrations/0.1.0/0011_dialect_webhooks.ts'
import * as messageResponses from '../../../migrations/0.1.0/0012_message_responses.ts'
import * as labels from '../../../migrations/0.1.0/0013_labels.ts'
import * as eventLog from '../../../migrations/0.1.0/0014_event_log.ts'
import * as setAt from '../../../migrations/0016_set_at.ts'
import * as installation from '../../../migrations/0017_installation.ts'
import * as removals from '../../../migrations/0018_removals.ts'
import * as audiences from '../../../migrations/0019_audiences.ts'
import * as webhooks from '../../../migrations/0020_webhooks.ts'
import * as deviceName from '../../../migrations/0021_device_name.ts'
import * as callEvents from '../../../migrations/0022_call_events.ts'
import * as customers from '../../../migrations/0023_customers.ts'
import * as customerRequests from '../../../migrations/0024_customer_requests.ts'
import * as tellings from '../../../migrations/0025_tellings.ts'
import * as chatTimers from '../../../migrations/0026_chat_timers.ts'
import * as imports from '../../../migrations/0027_imports.ts'
import * as deliveryDuration from '../../../migrations/0028_delivery_duration.ts'
import * as chats from '../../../migrations/0029_chats.ts'
import * as sessionEvents from '../../../migrations/0030_session_events.ts'
import * as activity from '../../../migrations/0031_activity.ts'
import * as userKeys from '../../../migrations/0032_user_keys.ts'
import * as bulkJobs from '../../../migrations/0034_bulk_jobs.ts'
import { InstallationError } from '../../lib/process/installation-error.ts'
import { listNodes } from '../nodes/nodes.ts'
import { type Database, isPostgres } from './database.ts'

interface Migration {
  name: string
  /** Nodes of earlier releases cannot work with what it makes: they must have stopped. */
  isBreaking?: true
  up(db: Knex): Promise<void>
  down(db: Knex): Promise<void>
}

/**
 * Every schema change in order. A list of imports instead of a folder: Knex stores the names it finds,
 * and `.ts` in development against `.js` in production would make it report a corrupt directory.
 */
const migrations: Migration[] = [
  { name: '0001_users', ...users },
  { name: '0002_auth', ...auth },
  { name: '0003_inbox', ...inbox },
  { name: '0004_events', ...events },
  { name: '0005_messages', ...messages },
  { name: '0006_contacts', ...contacts },
  { name: '0007_history', ...history },
  { name: '0008_sends', ...sends },
  { name: '0009_ledger', ...ledger },
  { name: '0010_cluster', ...cluster },
  { name: '0011_dialect_webhooks', ...dialectWebhooks },
  { name: '0012_message_responses', ...messageResponses },
  { name: '0013_labels', ...labels },
  { name: '0014_event_log', ...eventLog },
  { name: '0016_set_at', ...setAt },
  { name: '0017_installation', ...installation },
  { name: '0018_removals', ...removals },
  { name: '0019_audiences', ...audiences },
  { name: '0020_webhooks', isBreaking: true, ...webhooks },
  { name: '0021_device_name', ...deviceName },
  { name: '0022_call_events', ...callEvents },
  { name: '0023_customers', ...customers },
  { name: '0024_customer_requests', ...customerRequests },
  { name: '0025_tellings', ...tellings },
  { name: '0026_chat_timers', ...chatTimers },
  { name: '0027_imports', ...imports },
  { name: '0028_delivery_duration', ...deliveryDuration },
  { name: '0029_chats', ...chats },
  { name: '0030_session_events', ...sessionEvents },
  { name: '0031_activity', ...activity },
  { name: '0032_user_keys', ...userKeys },
  { name: '0034_bulk_jobs', ...bulkJobs },
]

/** The list above in the shape Knex asks for. */
export const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: async () => migrations,
  getMigrationName: ({ name }) => name,
  getMigration: async (migration) => migration,
}

// Any constant that no other program uses on the same database.
const ADVISORY_LOCK = 7_275_539

/** So long a node that was killed is waited for: a little longer than its lease. */
const PATIENCE_MS = 15_000
const LOOK_MS = 500

/**
 * Brings the schema up to date; safe when several nodes start at once and after a start that was killed half way. Throws
 * InstallationError when a newer release has used the database, or when nodes of an earlier one still do after
 * `patienceMs` and could not work with the new schema.
 */
export async function migrate(db: Database, patienceMs = PATIENCE_MS): Promise<void> {
  if (!isPostgres(db)) return upgrade(db, await doneMigrations(db))
  await db.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(?)', [ADVISORY_LOCK])
    const done = await doneMigrations(db)
    if (isBreaking(done)) await requireOlderNodesGone(db, patienceMs)
    await upgrade(db, done)
  })
}

/** The names of the migrations that were made; none before the first start. */
async function doneMigrations(db: Database): Promise<Set<string>> {
  if (!(await db.schema.hasTable('knex_migrations'))) return new Set()
  return new Set(await db('knex_migrations').pluck('name'))
}

/** Whether something has to be made that earlier releases cannot work with. */
function isBreaking(done: Set<string>): boolean {
  return migrations.some((migration) => migration.isBreaking && !done.has(migration.name))
}

async function requireOlderNodesGone(db: Database, patienceMs: number): Promise<void> {
  if (!(await db.schema.hasTable('nodes'))) return
  const deadline = performance.now() + patienceMs
  for (;;) {
    const alive = (await listNodes(db)).filter((node) => node.isAlive).map(({ id }) => id)
    if (alive.length === 0) return
    if (performance.now() >= deadline)
      throw new InstallationError(
        `nodes of an earlier release are running on this database (${alive.join(', ')}); stop all of them, then start this release`,
      )
    await delay(LOOK_MS)
  }
}

async function upgrade(db: Database, done: Set<string>): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name))
  const foreign = [...done].filter((name) => !known.has(name))
  if (foreign.length > 0)
    throw new InstallationError(
      `the database was used by a newer release (it has ${foreign.join(', ')}); start that one, or restore a backup made before it`,
    )
  // Nobody else can be migrating here, so a lock row that is still set was left by a process that died.
  await db.migrate.forceFreeMigrationsLock({ migrationSource })
  await db.migrate.latest({ migrationSource })
}
