import { expect, test } from 'vitest'
import { countRequest } from '../../src/operations/customers/hourly-limit.ts'
import type { Services } from '../../src/operations/services.ts'
import { insertCustomer } from '../../src/store/users/customers.ts'
import { temporaryDatabase } from '../helpers/database.ts'

const HOUR_MS = 3_600_000

test('an hour of the clock has so many requests, and the next one as many again', async () => {
  const database = await temporaryDatabase()
  const { db } = database
  const customer = await insertCustomer(db, {
    name: 'Customer',
    email: '',
    phone: '',
    maskedKey: '',
    keyHash: 'hash',
    maxDevices: 1,
    ratePerHour: 2,
    isActive: true,
  })
  // All that counting looks at.
  const services = { db, log: { warn: () => {} } } as unknown as Services
  const beginning = 500_000 * HOUR_MS
  const at = (ms: number) => countRequest(services, customer, beginning + ms)

  await at(0)
  await at(1)
  await expect(at(HOUR_MS - 2_500)).rejects.toMatchObject({
    code: 'rate_limited',
    details: { retryAfterSeconds: 3 },
  })
  await at(HOUR_MS)
  await at(HOUR_MS + 1)
  await expect(at(HOUR_MS + 2)).rejects.toMatchObject({ code: 'rate_limited' })
  await database.close()
})

test('a database that fails keeps nobody from asking', async () => {
  const failing = () => {
    throw new Error('gone')
  }
  const services = { db: failing, log: { warn: () => {} } } as unknown as Services

  await countRequest(services, { id: 1, ratePerHour: 1 }, HOUR_MS)
  await expect(countRequest(services, { id: 1, ratePerHour: 1 }, HOUR_MS + 1)).rejects.toMatchObject({
    code: 'rate_limited',
  })
})
