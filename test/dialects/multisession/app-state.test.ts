import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, Multisession, success } from './messaging.ts'

let server: Multisession
beforeAll(async () => {
  server = await Multisession.start()
})
afterAll(() => server.close())

const chat_jid = '15550003003'
const UNREADABLE = failure(400, 'Failed to parse request body')

describe('GET /app-state/{name}', () => {
  const fetched = (name: string, flags: object = {}) =>
    success('Successfully fetched app state', { full_sync: false, name, only_if_not_synced: false, ...flags })

  test.each(['critical_block', 'critical_unblock_low', 'regular_high', 'regular_low', 'regular'])(
    'asks for %s',
    async (name) => {
      expect(await server.call(`GET /app-state/${name}`)).toEqual(fetched(name))
    },
  )

  test('reads a collection from the beginning, or only when it is new', async () => {
    const full = await server.call('GET /app-state/regular_low?full_sync=true')
    const unless = await server.call('GET /app-state/regular_low?only_if_not_synced=true')
    const maybe = await server.call('GET /app-state/regular_low?full_sync=maybe')

    expect(full).toEqual(fetched('regular_low', { full_sync: true }))
    expect(unless).toEqual(fetched('regular_low', { only_if_not_synced: true }))
    expect(maybe).toEqual(fetched('regular_low'))
    // What is read from the beginning can still be changed.
    const body = { name: 'regular_low', action: 'pin', data: { chat_jid, pinned: true } }
    expect((await server.call('POST /app-state', body))[0]).toBe(200)
  })

  test('says what went wrong', async () => {
    const jwt = await server.unlinked()

    expect((await server.call('GET /app-state/nothing'))[1].message).toMatch(
      /^Failed to fetch app state: the collections are critical_block, /,
    )
    expect(await server.call('GET /app-state/regular', undefined, { jwt })).toEqual(
      failure(500, 'Failed to fetch app state: WhatsApp Client is not Valid'),
    )
  })
})

describe('POST /app-state', () => {
  const chat = `${chat_jid}@s.whatsapp.net`

  test('mutes and pins a chat, whatever the collection is called', async () => {
    const mute = { name: 'regular_high', action: 'mute', data: { chat_jid, muted: true, duration: 3600 } }
    const pin = { name: 'anything', action: 'pin', data: { chat_jid, pinned: true } }

    expect(await server.call('POST /app-state', mute)).toEqual(
      success('Successfully sent app state', { action: 'mute', name: 'regular_high' }),
    )
    expect(await server.call('POST /app-state', pin)).toEqual(
      success('Successfully sent app state', { action: 'pin', name: 'anything' }),
    )

    expect(await server.setting('mute', chat)).toMatchObject({ muteAction: { muted: true } })
    expect(await server.setting('pin_v1', chat)).toMatchObject({ pinAction: { pinned: true } })
  })

  test.each([
    [{ action: 'pin', data: { chat_jid } }, failure(400, 'app state name is required')],
    [{ name: 'x', data: {} }, failure(400, 'action is required')],
    [{ name: 'x', action: 'mute', data: {} }, failure(400, 'chat_jid is required for mute action')],
    [{ name: 'x', action: 'pin' }, failure(400, 'chat_jid is required for pin action')],
    [
      { name: 'x', action: 'pin', data: { chat_jid: 5 } },
      failure(400, 'chat_jid is required for pin action'),
    ],
    [{ name: 'x', action: 'archive', data: { chat_jid } }, failure(400, 'unsupported action: archive')],
    [{ name: 'x', action: 'pin', data: 'one' }, UNREADABLE],
    [
      { name: 'x', action: 'pin', data: { chat_jid: 'carol' } },
      failure(400, 'Invalid chat JID: Phone number must be digits only and at least 6 characters'),
    ],
    [
      { name: 'x', action: 'pin', data: { chat_jid: '15559999999' } },
      failure(404, 'Invalid chat JID: WhatsApp Personal ID is Not Registered'),
    ],
    [
      { name: 'x', action: 'pin', data: { chat_jid: '120363999999999999@g.us' } },
      failure(404, 'Invalid chat JID: that group does not exist'),
    ],
  ])('refuses %j', async (body, refusal) => {
    expect(await server.call('POST /app-state', body)).toEqual(refusal)
  })

  test('is for linked devices', async () => {
    const body = { name: 'regular_low', action: 'pin', data: { chat_jid, pinned: true } }

    expect(await server.call('POST /app-state', body, { jwt: await server.unlinked() })).toEqual(
      failure(500, 'Invalid chat JID: WhatsApp Client is not Valid'),
    )
  })
})

describe('POST /app-state/mark-clean', () => {
  const route = 'POST /app-state/mark-clean'
  const cleaned = (clean_type: string, timestamp: unknown) =>
    success('Successfully marked app state as clean', { clean_type, timestamp })

  test('tells WhatsApp, now unless there is a time', async () => {
    expect(await server.call(route, { clean_type: 'groups' })).toEqual(cleaned('groups', expect.any(Number)))
    expect(await server.call(route, { clean_type: 'account_sync', timestamp: 1_767_268_800 })).toEqual(
      cleaned('account_sync', 1_767_268_800),
    )
    const [, { data }] = await server.call(route, { clean_type: 'x', timestamp: -5 })
    expect(data.timestamp).toBeGreaterThan(1_767_268_800)
  })

  test('says what went wrong', async () => {
    const jwt = await server.unlinked()

    expect(await server.call(route, {})).toEqual(failure(400, 'clean_type is required'))
    expect(await server.call(route, { clean_type: 5 })).toEqual(UNREADABLE)
    expect(await server.call(route, { clean_type: 'groups' }, { jwt })).toEqual(
      failure(500, 'Failed to mark app state as clean: WhatsApp Client is not Valid'),
    )
  })
})
