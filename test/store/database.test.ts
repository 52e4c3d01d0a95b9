import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrations.ts'

test('only its owner can read the SQLite file and what lies beside it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-mode-'))
  const db = await openDatabase({ dataDir })
  await migrate(db)

  const modes = await Promise.all(
    ['parley.db', 'parley.db-wal', 'parley.db-shm'].map(
      async (name) => (await stat(join(dataDir, name))).mode & 0o777,
    ),
  )

  expect(modes).toEqual([0o600, 0o600, 0o600])
  await db.destroy()
  await rm(dataDir, { recursive: true })
})
