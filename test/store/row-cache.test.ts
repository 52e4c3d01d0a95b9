import { expect, onTestFinished, test } from 'vitest'
import { RowCache } from '../../src/store/database/row-cache.ts'
import { temporaryDatabase } from '../helpers/database.ts'

test('what others read before a change was committed is forgotten with the commit', async () => {
  const { db, close } = await temporaryDatabase('sqlite')
  onTestFinished(close)
  const cache = new RowCache<{ version: number }>()
  const read = (version: number) => cache.get(db, 'row', async () => ({ version }))

  await db.transaction(async (trx) => {
    cache.forget(trx, 'row')
    expect(await read(1)).toEqual({ version: 1 })
  })

  expect(await read(2)).toEqual({ version: 2 })
})
