import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { reasonNotReady } from '../../src/operations/admin/readiness.ts'
import { type Database, openDatabase } from '../../src/store/database/database.ts'
import { requireWritable } from '../../src/store/database/write-probe.ts'
import { temporaryDatabase } from '../helpers/database.ts'

const yes = () => true
const no = () => false

let db: Database
let close: () => Promise<void>
beforeAll(async () => {
  const temporary = await temporaryDatabase('sqlite')
  db = temporary.db
  close = () => temporary.close()
})
afterAll(() => close())

test('a server is ready when it is restored, stays and has its database', async () => {
  expect(await reasonNotReady({ db, isRestored: yes, isDraining: no })).toBeUndefined()
})

test('a server that stops is not ready, whatever else', async () => {
  expect(await reasonNotReady({ db, isRestored: no, isDraining: yes })).toBe('the server is about to stop')
})

test('a server that restores its sessions is not ready yet', async () => {
  expect(await reasonNotReady({ db, isRestored: no, isDraining: no })).toBe(
    'the sessions are not restored yet',
  )
})

test('however many ask, the database is written to once in a while, and does not grow', async () => {
  const writes: string[] = []
  const count = ({ sql }: { sql: string }) => writes.push(sql)
  const ask = () => reasonNotReady({ db, isRestored: yes, isDraining: no })
  await ask()
  const [before] = await db.raw('pragma page_count')
  db.on('query', count)

  await Promise.all(Array.from({ length: 50 }, ask))

  db.removeListener('query', count)
  expect(writes.length).toBeLessThanOrEqual(2)
  for (let round = 0; round < 50; round++) await requireWritable(db)
  expect(await db.raw('pragma page_count')).toEqual([before])
})

test('a server whose database is gone is not ready', async () => {
  const gone = await openDatabase(
    loadConfig({ DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none', DATA_DIR: '/nonexistent' }),
  )

  expect(await reasonNotReady({ db: gone, isRestored: yes, isDraining: no })).toBe(
    'the database does not answer',
  )
  await gone.destroy()
})
