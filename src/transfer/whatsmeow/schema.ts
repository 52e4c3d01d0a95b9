import { InstallationError } from '../../lib/process/installation-error.ts'
import { isPostgres, type Queryable } from '../../store/database/database.ts'

/** The tables of whatsmeow that are there, with their columns. */
export type Schema = Map<string, Set<string>>

/** The newest schema that is known; a file says which readers it was changed for. */
const NEWEST = 15

/** What every schema has that is still in use; without it there is nothing to take over. */
const DEVICE_COLUMNS = [
  'jid',
  'registration_id',
  'noise_key',
  'identity_key',
  'signed_pre_key',
  'signed_pre_key_id',
  'signed_pre_key_sig',
  'adv_key',
  'adv_details',
  'adv_account_sig',
  'adv_account_sig_key',
  'adv_device_sig',
]

/** Finds out which tables and columns of whatsmeow a database has. Throws InstallationError when it has none. */
export async function readSchema(db: Queryable): Promise<Schema> {
  const schema: Schema = new Map()
  for (const { table, name } of await columnsOf(db)) {
    const columns = schema.get(table) ?? new Set()
    schema.set(table, columns.add(name))
  }
  const device = schema.get('whatsmeow_device')
  if (!device)
    throw new InstallationError('this database holds no linked devices: it has no table whatsmeow_device')
  const missing = DEVICE_COLUMNS.filter((name) => !device.has(name))
  if (missing.length > 0)
    throw new InstallationError(`the table whatsmeow_device lacks what a device needs: ${missing.join(', ')}`)
  await checkVersion(db, schema)
  return schema
}

async function checkVersion(db: Queryable, schema: Schema): Promise<void> {
  const columns = schema.get('whatsmeow_version')
  if (!columns?.has('compat')) return
  const row = await db('whatsmeow_version').select('version', 'compat').first()
  if (Number(row?.compat ?? 0) > NEWEST)
    throw new InstallationError(
      `this database was changed by a newer whatsmeow (schema ${row.version}) than is known here (${NEWEST})`,
    )
}

function columnsOf(db: Queryable): Promise<{ table: string; name: string }[]> {
  // Only what is found under a plain name: a schema of PostgreSQL that is not searched belongs to somebody else.
  if (isPostgres(db))
    return db('information_schema.columns')
      .whereRaw('table_schema = any (current_schemas(false))')
      .whereRaw(`table_name like 'whatsmeow\\_%'`)
      .select({ table: 'table_name', name: 'column_name' })
  return db('sqlite_master')
    .joinRaw('join pragma_table_info(sqlite_master.name) as columns')
    .whereRaw(`sqlite_master.type = 'table' and sqlite_master.name glob 'whatsmeow_*'`)
    .select({ table: 'sqlite_master.name', name: 'columns.name' })
}
