import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex, { type Knex } from 'knex'
import { openSecrets } from '../../../src/lib/secrets/secrets.ts'
import { importAccount } from '../../../src/transfer/import-account.ts'
import { openWuzapi } from '../../../src/transfer/wuzapi/accounts.ts'
import type { TemporaryDatabase } from '../../helpers/database.ts'

const FIXTURE = join(import.meta.dirname, '../../fixtures/whatsmeow/dbdata')

/** With which the fixture's program has encrypted, and what its first user signs with. */
export const SOURCE_KEY = '0123456789abcdef0123456789abcdef'
export const HMAC_KEY = 'the-shop-signs-with-these-32-characters'

export const SHOP = 'd84d83958bd0552ff2a0574a477f8c3c'
export const OFFICE = 'a85e1008184a9a4145dd48d8b3ec5396'
export const UNLINKED = 'b12bf655e9b3f3cc134ebc724375588a'

/** A copy of what a wuzapi has stored. */
export interface OldInstallation {
  folder: string
  users: Knex
  main: Knex
  close(): Promise<void>
}

/** A data folder that the real program wrote, to be changed as a test wants it. */
export async function oldInstallation(): Promise<OldInstallation> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  await cp(FIXTURE, join(folder, 'dbdata'), { recursive: true })
  const [users, main] = ['users.db', 'main.db'].map((name) =>
    knex({
      client: 'sqlite3',
      connection: { filename: join(folder, 'dbdata', name) },
      useNullAsDefault: true,
    }),
  )
  if (!users || !main) throw new Error('no databases')
  return {
    folder,
    users,
    main,
    close: async () => {
      await Promise.all([users.destroy(), main.destroy()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Imports all users of an installation that nobody has open any more, as `npm run import` does. */
export async function importAll(
  { folder }: OldInstallation,
  { db, config }: TemporaryDatabase,
  key = '',
): Promise<void> {
  const target = { db, secrets: await openSecrets(config) }
  const source = await openWuzapi({ from: folder, key, chosen: new Map() })
  for (const account of source.accounts)
    await importAccount(target, account, { source: source.kind, isTrial: false, connects: true })
  await source.close()
}
