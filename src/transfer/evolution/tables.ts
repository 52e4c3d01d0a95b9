import { InstallationError } from '../../lib/process/installation-error.ts'
import type { Queryable } from '../../store/database/database.ts'
import type { Row } from '../whatsmeow/rows.ts'

/** Tables that come one row for each instance, and by which column. */
export type SettingsTable = 'Webhook' | 'Proxy' | 'Setting'

/** The tables of an Evolution API. */
export interface EvolutionTables {
  instances: Row[]
  /** What is set of an instance; undefined where nothing is. */
  settingsOf(table: SettingsTable, instanceId: string): Promise<Row | undefined>
  /** The text of its credentials; '' where there are none. `isLong` for what can be none. */
  credentialsOf(instanceId: string): Promise<{ text: string; isLong: boolean }>
  /** The people it has met, in portions. */
  contactsOf(instanceId: string): AsyncIterable<Row[]>
}

const MOST_CREDENTIALS = 4 * 1024 * 1024
const CONTACTS_AT_ONCE = 500

/** Finds the tables, in the schema that the URL names as Prisma reads it. Throws InstallationError when there are none. */
export async function openTables(db: Queryable, url: string): Promise<EvolutionTables> {
  const schema = new URL(url).searchParams.get('schema') ?? 'public'
  const has = (table: string) => db.schema.withSchema(schema).hasTable(table)
  const from = (table: string) => db(table).withSchema(schema)
  for (const table of ['Instance', 'Session'])
    if (!(await has(table)))
      throw new InstallationError(
        `this database holds no instances of an Evolution API: the schema ${schema} has no table ${table}`,
      )
  return {
    instances: await from('Instance').orderBy('name').select('*'),
    async settingsOf(table, instanceId) {
      if (!(await has(table))) return undefined
      return from(table).where({ instanceId }).first()
    },
    async credentialsOf(sessionId) {
      const row: { text: string | null; size: number | null } | undefined = await from('Session')
        .where({ sessionId })
        .first({
          text: db.raw('case when length(creds) <= ? then creds end', [MOST_CREDENTIALS]),
          size: db.raw('length(creds)'),
        })
      return { text: row?.text ?? '', isLong: Number(row?.size ?? 0) > MOST_CREDENTIALS }
    },
    async *contactsOf(instanceId) {
      if (!(await has('Contact'))) return
      let after = ''
      for (;;) {
        const rows: Row[] = await from('Contact')
          .where({ instanceId })
          .where('id', '>', after)
          .orderBy('id')
          .limit(CONTACTS_AT_ONCE)
          .select('id', 'remoteJid', 'pushName')
        const last = rows.at(-1)
        if (!last) return
        yield rows
        after = String(last.id)
      }
    },
  }
}
