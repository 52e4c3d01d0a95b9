import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure, Wago } from './wago.ts'

let wago: Wago
beforeAll(async () => {
  wago = await Wago.start()
  await wago.app.createUser({ name: 'idle' })
})
afterAll(() => wago.stop())

async function reject(body: unknown, session = 'main'): Promise<unknown[]> {
  const { status, json } = await wago.call(`/call/reject/${session}`, body)
  return [status, json]
}

test.each(['callFrom', 'from'])(
  'a call that rings is rejected, whoever calls being named as %s',
  async (name) => {
    const { callId } = await wago.app.sandbox('POST', `/contacts/${wago.contact}/call`, {
      to: wago.user.phone,
    })

    expect(await reject({ callFrom: '', from: null, [name]: wago.contactJid, callId })).toEqual([
      200,
      { success: true, result: true },
    ])

    const rejection = await wago.app.waitFor('the rejection', async () => {
      const { observations } = await wago.app.sandbox('GET', `/contacts/${wago.contact}/observations`)
      // The account's phone rings, too, and says so. Calls are addressed by LID.
      return observations.findLast(({ children = [] }: { children?: string[] }) =>
        children.includes('reject'),
      )
    })
    expect(rejection).toMatchObject({
      tag: 'call',
      children: ['reject'],
      attrs: { from: expect.stringMatching(/@lid$/) },
    })
  },
)

test('a call that rings from a LID is rejected at that address', async () => {
  const { accounts } = await wago.app.sandbox('GET', '/state')
  const { lid } = accounts.find(({ phone }: { phone: string }) => phone === wago.contact)

  await reject({ callFrom: lid, callId: 'RANG' })

  await wago.app.waitFor('a rejection that the network relays by LID', async () => {
    const { observations } = await wago.app.sandbox('GET', `/contacts/${wago.contact}/observations`)
    return observations.some(
      (one: { tag: string; attrs: { from: string } }) =>
        one.tag === 'call' && one.attrs.from.endsWith('@lid'),
    )
  })
})

test.each([
  [{}, 'callId is required'],
  [{ callFrom: '491711234567' }, 'callId is required'],
  [{ callId: 'X' }, 'callFrom is required'],
  [{ callFrom: '', callId: 'X' }, 'callFrom is required'],
  [{ callFrom: 'Ann', callId: 'X' }, 'callFrom is not a valid id: use number@s.whatsapp.net'],
  [{ callFrom: 1, callId: 'X' }, 'Invalid request body'],
  [{ callFrom: '491711234567', callId: {} }, 'Invalid request body'],
])('%j is refused', async (body, sentence) => {
  expect(await reject(body)).toEqual([400, failure(sentence)])
})

test('nothing is rejected without a connected session', async () => {
  expect(await reject('{', 'idle')).toEqual([404, failure('session_not_connected')])
  expect(await reject('{', 'nobody')).toEqual([404, failure('session_not_found')])
  expect(await reject('{')).toEqual([400, failure('Invalid request body')])
})
