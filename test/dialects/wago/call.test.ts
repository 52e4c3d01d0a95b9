import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { failure, Wago } from './wago.ts'

const notFound = [404, failure(404, 'call not found')]

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  beforeAll(async () => {
    wago = await Wago.start({ database })
    // Calls are remembered for sessions whose webhook is on.
    await wago.post('/webhook', { WebhookURL: 'http://127.0.0.1:9/webhook' })
  })
  afterAll(() => wago.close())

  const calls = async (token?: string) => (await wago.get('/call/status', token)).json.calls
  const one = async (id: string) => (await wago.get(`/call/status?callID=${id}`)).json.call

  async function signal(kind: string, callId?: string): Promise<string> {
    const body = { to: wago.user.phone, kind, callId }
    return (await wago.app.sandbox('POST', `/contacts/${wago.contact}/call`, body)).callId
  }

  /** The contact calls, and the session knows. */
  async function ringing(): Promise<string> {
    const id = await signal('offer')
    await wago.app.waitFor('the call', async () =>
      (await calls()).some((call: { callID: string }) => call.callID === id),
    )
    return id
  }

  describe('/call/status', () => {
    test('follows a call that rings, is taken elsewhere and ends', async () => {
      const callID = await ringing()
      const incoming = {
        callID,
        direction: 'incoming',
        peer: expect.stringMatching(/@(lid|s\.whatsapp\.net)$/),
      }

      expect(await one(callID)).toEqual({ ...incoming, state: 'ringing' })
      await signal('accept', callID)
      await expect.poll(() => one(callID)).toEqual({ ...incoming, state: 'active' })
      await signal('terminate', callID)
      await expect.poll(() => one(callID)).toMatchObject({ ...incoming, state: 'ended' })
    })

    test('lists calls, the newest first', async () => {
      const [first, second] = [await ringing(), await ringing()]

      const listed = (await calls()).map(({ callID }: { callID: string }) => callID)

      expect(listed.slice(0, 2)).toEqual([second, first])
    })

    test('knows nothing of a call that was none, or of other sessions', async () => {
      const other = await wago.app.linkedUser({ events: '' })
      const id = await ringing()

      const unknown = await wago.get('/call/status?callID=NONE')
      const foreign = await wago.get(`/call/status?callID=${id}`, other.token)

      expect([unknown.status, unknown.json]).toEqual(notFound)
      expect([foreign.status, foreign.json]).toEqual(notFound)
      expect(await calls(other.token)).toEqual([])
    })

    test('of a session that never ran is "No session"', async () => {
      const { token } = await wago.unlinked()

      expect((await wago.get('/call/status', token)).json).toEqual(failure(500, 'No session'))
    })
  })

  describe('/call/reject', () => {
    test('rejects a call that rings, of which only the id is told', async () => {
      const CallID = await ringing()

      expect(await wago.call('/call/reject', { CallID })).toEqual([200, { details: 'call rejected' }])

      await wago.observed(({ tag, children }) => tag === 'call' && children.includes('reject'))
      expect(await one(CallID)).toMatchObject({ state: 'ended', reason: 'rejected' })
    })

    test('says that a call does not ring any more', async () => {
      const CallID = await ringing()
      await wago.call('/call/reject', { CallID })

      expect(await wago.call('/call/reject', { CallID })).toEqual([500, failure(500, 'call is not ringing')])
    })

    test("knows neither a call that was none nor another session's", async () => {
      const other = await wago.app.linkedUser({ events: '' })
      const CallID = await ringing()

      expect(await wago.call('/call/reject', { CallID: 'NONE' })).toEqual(notFound)
      expect(await wago.call('/call/reject', { CallID }, other.token)).toEqual(notFound)
      expect(await one(CallID)).toMatchObject({ state: 'ringing' })
    })
  })
})
