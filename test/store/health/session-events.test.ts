import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '../../../src/lib/process/logger.ts'
import { openSecrets } from '../../../src/lib/secrets/secrets.ts'
import {
  listSessionNotes,
  pruneSessionNotes,
  trimSessionNotes,
} from '../../../src/store/health/session-events.ts'
import type { User } from '../../../src/store/users/users.ts'
import { Timeline, type Transition } from '../../../src/whatsapp/session/timeline.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { storeUser } from '../../helpers/users.ts'

const NOW = 1_700_000_000_000
const open: Transition['state'] = { name: 'open', since: NOW, attempt: 0 }
const connecting: Transition['state'] = { name: 'connecting', attempt: 1, restarts: 0 }
const retrying: Transition['state'] = { name: 'retrying', attempt: 1, at: NOW + 2_000 }
const opened: Transition = { before: connecting, state: open, input: { type: 'opened' } }

function closed(code: number, before = open, state = retrying): Transition {
  return { before, state, input: { type: 'closed', code, error: `ended with ${code}` } }
}

describe.each(databaseKinds)('the timeline of sessions on %s', (kind) => {
  let database: TemporaryDatabase
  let user: User
  let timeline: Timeline

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    user = await storeUser(database.db, await openSecrets(database.config))
    timeline = new Timeline({ db: database.db, log: createLogger('silent'), node: 'north' })
  })
  afterEach(() => database.close())

  const notes = async (limit = 10, before?: number) => {
    await timeline.stop()
    return listSessionNotes(database.db, { userId: user.id, limit, before })
  }

  test('says what happened, newest first, with the code and when it is tried again', async () => {
    timeline.note(user.id, opened, NOW)
    timeline.note(user.id, closed(428), NOW + 1)

    expect(await notes()).toEqual([
      {
        kind: 'disconnected',
        code: 428,
        params: { text: 'ended with 428', retryAt: NOW + 2_000 },
        node: 'north',
        times: 1,
        since: NOW + 1,
        at: NOW + 1,
      },
      { kind: 'connected', params: {}, node: 'north', times: 1, since: NOW, at: NOW },
    ])
    expect(await notes(10, NOW + 1)).toHaveLength(1)
  })

  test.each<[string, Transition]>([
    ['logged_out', closed(401, open, { name: 'loggedOut' })],
    ['logged_out', closed(403, open, { name: 'blocked', code: 403 })],
    ['banned', closed(402, connecting, { name: 'blocked', code: 402, until: NOW })],
    ['outdated', closed(405, connecting)],
    ['refused', closed(411, connecting, { name: 'blocked', code: 411 })],
    ['replaced', closed(440, open, { name: 'idle' })],
    ['failed', closed(503, connecting)],
    ['unscanned', closed(408, { name: 'pairing', qr: '' }, { name: 'idle' })],
    ['disconnected', closed(515, open, connecting)],
    ['stopped', { before: open, state: { name: 'idle' }, input: { type: 'stop' } }],
    ['left', { before: open, state: { name: 'idle' }, input: { type: 'stop', isLeaving: true } }],
    ['moved', { before: open, state: { name: 'idle' }, input: { type: 'leaseLost' } }],
    ['unlinked', { before: open, state: { name: 'loggedOut' }, input: { type: 'logout' } }],
    ['scan', { before: connecting, state: { name: 'pairing', qr: 'x' }, input: { type: 'qr', text: 'x' } }],
  ])('calls it %s', async (name, transition) => {
    timeline.note(user.id, transition, NOW)

    expect(await notes()).toMatchObject([{ kind: name }])
  })

  test('has no word for steps on the way', async () => {
    const input: Transition['input'] = { type: 'slot' }
    timeline.note(user.id, { before: { name: 'queued', attempt: 0 }, state: connecting, input }, NOW)

    expect(await notes()).toEqual([])
  })

  test('tells the same that happens again and again once, and how often', async () => {
    timeline.note(user.id, closed(408, connecting), NOW)
    await timeline.stop()
    timeline.note(user.id, closed(408, connecting), NOW + 10)
    timeline.note(user.id, closed(408, connecting), NOW + 20)
    timeline.note(user.id, closed(503, connecting), NOW + 30)

    expect(await notes()).toMatchObject([
      { code: 503, times: 1 },
      { code: 408, times: 3, since: NOW, at: NOW + 20 },
    ])
  })

  test('cuts what others said', async () => {
    const input: Transition['input'] = { type: 'closed', code: 500, error: 'x'.repeat(5_000) }
    timeline.note(user.id, { before: connecting, state: retrying, input }, NOW)

    const [note] = await notes()
    expect(note?.params.text).toHaveLength(200)
  })

  test('passes over who is gone, and goes with its user', async () => {
    timeline.note('f'.repeat(32), opened, NOW)
    timeline.note(user.id, opened, NOW)
    expect(await notes()).toHaveLength(1)

    await database.db('users').where({ id: user.id }).delete()

    expect(await database.db('session_events')).toEqual([])
  })

  test('keeps so many of each user, and none that is too old', async () => {
    for (let index = 0; index < 20; index++)
      timeline.note(user.id, closed(400 + index, connecting), NOW + index)
    await timeline.stop()

    expect(await trimSessionNotes(database.db, 5)).toBe(15)
    expect(await trimSessionNotes(database.db, 5)).toBe(0)
    expect(await pruneSessionNotes(database.db, NOW + 17)).toBe(2)

    expect((await notes(50)).map(({ at }) => at - NOW)).toEqual([19, 18, 17])
  })
})
