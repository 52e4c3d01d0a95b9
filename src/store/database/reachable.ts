import { ConfigError } from '../../config/config.ts'
import type { Database } from './database.ts'

/** Resolves when the database answers; rejects with a sentence for whoever set its address and is there to correct it. */
export async function requireDatabase(
  db: Database,
  { databaseUrl }: { databaseUrl?: string },
): Promise<void> {
  try {
    await db.raw('select 1')
  } catch (cause) {
    if (!databaseUrl) throw cause
    // The rest of the address is a password, among other things.
    const { host } = new URL(databaseUrl)
    throw new ConfigError(
      `no PostgreSQL database can be used at ${host || 'the address given'} (${reasonOf(cause)}); ` +
        'check DATABASE_URL, and that the database runs',
      { cause },
    )
  }
}

/** What the driver says, without the statement before it; several addresses of one name fail with a code alone. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const message = error.message.replace(/^select 1 - /, '')
  return message || ('code' in error ? String(error.code) : error.name)
}
