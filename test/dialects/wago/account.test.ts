import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { failure, refused, success, Wago } from './wago.ts'

const ANN = '5511900000001'
const BEN = '5511900000002'

let wago: Wago
beforeAll(async () => {
  wago = await Wago.start()
})
afterAll(() => wago.close())
afterEach(() => wago.app.sandbox('DELETE', '/faults'))

function jid(phone: string): string {
  return `${phone}@s.whatsapp.net`
}

describe('/user/limits', () => {
  test('tells that there are none', async () => {
    const { status, json } = await wago.get('/user/limits')

    expect([status, json]).toEqual([
      200,
      success({
        limits: {
          new_chats: {
            total: null,
            used: null,
            cycle_starts_at: null,
            cycle_ends_at: null,
            status: 'NONE',
          },
          reach_out_lock: { active: false, ends_at: null, reason: '' },
        },
      }),
    ])
  })

  test('tells those that WhatsApp has set', async () => {
    const startsAt = 1_800_000_000
    const endsAt = 1_802_000_000
    await wago.app.sandbox('POST', `/contacts/${wago.user.phone}/limits`, {
      newChats: { total: 50, used: 12, startsAt, endsAt, status: 'FIRST_WARNING' },
      reachOut: { endsAt, reason: 'WEB_COMPANION_ONLY' },
    })

    expect((await wago.get('/user/limits')).json.data.limits).toEqual({
      new_chats: {
        total: 50,
        used: 12,
        cycle_starts_at: startsAt,
        cycle_ends_at: endsAt,
        status: 'FIRST_WARNING',
      },
      reach_out_lock: { active: true, ends_at: endsAt, reason: 'WEB_COMPANION_ONLY' },
    })
  })

  test('tells nothing of what WhatsApp refuses to tell', async () => {
    await wago.app.sandbox('POST', '/faults', { kind: 'refuse-query', xmlns: 'w:mex', code: 403 })

    const { status, json } = await wago.get('/user/limits')

    expect([status, json]).toEqual([200, success({ limits: { new_chats: null, reach_out_lock: null } })])
  })
})

describe('/user/appstate', () => {
  test('fetches what the devices share', async () => {
    const { status, json } = await wago.get('/user/appstate')

    expect([status, json]).toEqual([200, success({ Details: 'App state fetched' })])
  })

  test('says what WhatsApp says when it tells nothing', async () => {
    const fault = { kind: 'refuse-query', xmlns: 'w:sync:app:state', code: 503 }
    await wago.app.sandbox('POST', '/faults', fault)

    const { status, json } = await wago.get('/user/appstate')

    expect([status, json]).toEqual([500, failure(500, expect.stringContaining('503'))])
  })
})

describe('/broadcast/listparticipants', () => {
  beforeAll(async () => {
    for (const [phone, FullName] of [
      [ANN, 'Ann'],
      [BEN, 'Ben'],
    ] as const) {
      await wago.app.contact(phone)
      await wago.call('/contact/add', { Phone: phone, FullName })
    }
  })

  async function members(ID: string): Promise<string[]> {
    const [, { data }] = await wago.call('/broadcast/listparticipants', { ID })
    return data.Participants
  }

  function choose(...audiences: { type: string; list: string[] }[]): Promise<unknown> {
    return wago.app.sandbox('POST', `/contacts/${wago.user.phone}/status-audience`, { audiences })
  }

  test.each(['status@broadcast', 'status'])('lists who gets statuses: %s', async (ID) => {
    expect(await members(ID)).toEqual([wago.ownJid, jid(ANN), jid(BEN)])
  })

  test.each([
    ['chosen', { type: 'whitelist', list: [ANN] }, [jid(ANN)]],
    ['not left out', { type: 'blacklist', list: [ANN] }, [jid(BEN)]],
  ])('lists those who are %s', async (_what, audience, others) => {
    await choose(audience)

    expect(await members('status@broadcast')).toEqual([wago.ownJid, ...others])
    await choose()
  })

  test.each(['123456789@broadcast', '123456789'])('does not know the lists of the phone: %s', async (ID) => {
    expect(await wago.call('/broadcast/listparticipants', { ID })).toEqual([
      501,
      failure(501, expect.stringContaining('the members of status@broadcast only')),
    ])
  })

  test.each([
    [{}, 'missing ID in payload'],
    [{ ID: '' }, 'missing ID in payload'],
    [{ ID: 'friends' }, 'could not parse ID'],
    [{ ID: jid(ANN) }, 'could not parse ID'],
    [{ ID: 7 }, 'could not decode payload'],
  ])('refuses %j', async (body, sentence) => {
    expect(await wago.call('/broadcast/listparticipants', body)).toEqual(refused(sentence))
  })
})
