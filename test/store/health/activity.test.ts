import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RecordedEvent } from '../../../src/events/bus.ts'
import { createLogger } from '../../../src/lib/process/logger.ts'
import { openSecrets } from '../../../src/lib/secrets/secrets.ts'
import { type Activity, startActivity } from '../../../src/metrics/activity.ts'
import {
  countFailedMessages,
  noCounts,
  pruneActivity,
  readActivity,
} from '../../../src/store/health/activity.ts'
import type { User } from '../../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { storeUser } from '../../helpers/users.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
/** The beginning of an hour. */
const START = 1_700_000 * 1_000_000 - ((1_700_000 * 1_000_000) % HOUR)

describe.each(databaseKinds)('what users do in numbers, on %s', (kind) => {
  let database: TemporaryDatabase
  let ada: User
  let grace: User
  let now: number
  const running: Activity[] = []

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    const secrets = await openSecrets(database.config)
    ada = await storeUser(database.db, secrets)
    grace = await storeUser(database.db, secrets)
    now = START + 5 * MINUTE
  })
  afterEach(async () => {
    for (const activity of running.splice(0)) await activity.stop()
    await database.close()
  })

  const start = (intervalMs = HOUR) => {
    const activity = startActivity({
      db: database.db,
      log: createLogger('silent'),
      isMessage: ({ type }) => type === 'message',
      intervalMs,
      now: () => now,
    })
    running.push(activity)
    return activity
  }
  const ofMinutes = (userId?: string) => readActivity(database.db, { span: 60, since: START, userId })

  test('is counted by the minute and by the hour', async () => {
    const activity = start()
    activity.sent(ada.id, 'sent')
    now += MINUTE
    activity.sent(ada.id, 'sent')
    activity.sent(ada.id, 'failed')
    activity.heard(ada.id, [event('message'), event('receipt'), event('message')])

    await activity.stop()

    const minutes = await ofMinutes(ada.id)
    expect(minutes.map(({ at, sent, failed, received }) => [at - START, sent, failed, received])).toEqual([
      [5 * MINUTE, 1, 0, 0],
      [6 * MINUTE, 1, 1, 2],
    ])
    const hours = await readActivity(database.db, { span: 3600, since: START, userId: ada.id })
    expect(hours).toMatchObject([{ at: START, sent: 2, failed: 1, received: 2 }])
  })

  test('is added to what another node, or the process before, has counted', async () => {
    const [north, south] = [start(), start()]
    north.sent(ada.id, 'sent')
    south.sent(ada.id, 'sent')
    south.attempted({ userId: ada.id, outcome: 'delivered', latencyMs: 40 })
    south.sent(grace.id, 'sent')

    await Promise.all([north.stop(), south.stop()])

    expect(await ofMinutes(ada.id)).toMatchObject([{ sent: 2, accepted: 1 }])
    expect(await ofMinutes()).toMatchObject([{ sent: 3, accepted: 1 }])
  })

  test('counts attempts by how long their requests took', async () => {
    const activity = start()
    for (const latencyMs of [10, 25, 26, 700, 31_000])
      activity.attempted({ userId: ada.id, outcome: 'delivered', latencyMs })
    activity.attempted({ userId: ada.id, outcome: 'failed', latencyMs: 300 })
    activity.attempted({ userId: ada.id, outcome: 'given_up' })
    activity.attempted({ userId: ada.id, outcome: 'dropped' })

    await activity.stop()

    expect(await ofMinutes(ada.id)).toMatchObject([
      { accepted: 5, refused: 2, latencies: [2, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1] },
    ])
  })

  test('is written now and then by itself', async () => {
    start(5).sent(ada.id, 'sent')

    await expect.poll(() => ofMinutes(ada.id), { timeout: 30_000 }).toMatchObject([{ sent: 1 }])
  })

  test('of a user who is gone is passed over, and goes with the user', async () => {
    const before = start()
    before.sent(grace.id, 'failed')
    await before.stop()
    await database.db('users').where({ id: grace.id }).delete()
    const activity = start()
    activity.sent(grace.id, 'sent')
    activity.sent(ada.id, 'failed')

    await activity.stop()

    expect(await ofMinutes(ada.id)).toMatchObject([{ ...noCounts(), failed: 1 }])
    expect(await ofMinutes(grace.id)).toEqual([])
    // What all did together stays as it was.
    expect(await ofMinutes()).toMatchObject([{ sent: 0, failed: 2 }])
    expect(await countFailedMessages(database.db, { since: START })).toEqual(new Map([[ada.id, 1]]))
  })

  test('goes when it is old', async () => {
    const activity = start()
    activity.sent(ada.id, 'sent')
    now += HOUR
    activity.sent(ada.id, 'sent')
    await activity.stop()

    expect(await pruneActivity(database.db, { span: 60, before: START + HOUR })).toBe(1)

    expect(await ofMinutes()).toMatchObject([{ at: START + HOUR + 5 * MINUTE }])
    expect(await readActivity(database.db, { span: 3600, since: START })).toHaveLength(2)
  })
})

/** Nothing but its type is looked at. */
function event(type: string): RecordedEvent {
  return { id: '', at: 0, event: { type } as RecordedEvent['event'] }
}
