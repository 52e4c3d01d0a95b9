import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { proto } from '../../../../src/whatsapp/library/engine.ts'
import { type Device, DeviceBench } from '../device-bench.ts'
import { allRecorded, recorded } from './recorded.ts'

const PHONE = '15550001001'
const CAROL = '15550003003@s.whatsapp.net'
const DAVE = '15550004004@s.whatsapp.net'
const OTHER = '4915550005005@s.whatsapp.net'
const GROUP = '120363000000000001@g.us'
const NOW = Math.floor(Date.now() / 1000)
const range = { messageRange: { lastMessageTimestamp: NOW } }

let bench: DeviceBench
/** The device whose webhook is told, and another one of the same account, which makes the changes. */
let device: Device
let twin: Device
beforeAll(async () => {
  bench = await DeviceBench.start({ env: { WHATSAPP_APPSTATE_WEBHOOK_ENABLED: 'true' } })
  await bench.app.contact('15550003003', { name: 'Carol' })
  await bench.app.contact('15550004004', { name: 'Dave' })
  device = await bench.device()
  await bench.webhook(device, 'a')
  await bench.webhook(device, 'marks', ['chat.mute'])
  device = await bench.link(device, PHONE)
  twin = await bench.link(await bench.device(), PHONE)
  // What is read from the beginning is old to a device, so every collection needs a first change.
  // The phone hands over the keys some time after the link.
  await bench.app.waitFor('the keys', () =>
    patch('regular', ['keys'], {}).then(
      () => true,
      () => false,
    ),
  )
  for (const type of [
    'regular',
    'regular_high',
    'regular_low',
    'critical_block',
    'critical_unblock_low',
  ] as const)
    await patch(type, ['first', type], {})
  await bench.event('a', 'appstate.patch_received', { index: ['first', 'critical_unblock_low'] })
})
afterAll(() => bench.stop())

type Collection = 'regular' | 'regular_high' | 'regular_low' | 'critical_block' | 'critical_unblock_low'

/** Makes a change on the other device. */
function patch(type: Collection, index: string[], action: object): Promise<unknown> {
  return bench.session(twin).call((socket) =>
    socket.appPatch({
      syncAction: proto.SyncActionValue.fromObject({ timestamp: Date.now(), ...action }),
      index,
      type,
      apiVersion: 5,
      operation: proto.SyncdMutation.SyncdOperation.SET,
    }),
  )
}

describe('what the devices of an account share', () => {
  test.each<[string, string, Collection, string[], object]>([
    [
      'chat.mute',
      'muted for 8 hours',
      'regular_high',
      ['mute', CAROL],
      { muteAction: { muted: true, muteEndTimestamp: (NOW + 28_800) * 1_000 } },
    ],
    [
      'chat.mute',
      'muted for ever',
      'regular_high',
      ['mute', CAROL],
      { muteAction: { muted: true, muteEndTimestamp: -1 } },
    ],
    ['chat.mute', 'unmuted', 'regular_high', ['mute', CAROL], { muteAction: { muted: false } }],
    ['chat.pin', 'pinned', 'regular_low', ['pin_v1', CAROL], { pinAction: { pinned: true } }],
    [
      'chat.archive',
      'archived',
      'regular_low',
      ['archive', CAROL],
      { archiveChatAction: { archived: true, ...range } },
    ],
    [
      'chat.mark_read',
      'marked read',
      'regular_low',
      ['markChatAsRead', CAROL],
      { markChatAsReadAction: { read: true, ...range } },
    ],
    [
      'chat.star',
      'own message starred',
      'regular_high',
      ['star', CAROL, 'STARRED0001', '1', '0'],
      { starAction: { starred: true } },
    ],
    [
      'chat.star',
      'message of a member starred',
      'regular_high',
      ['star', GROUP, 'STARRED0002', '0', CAROL],
      { starAction: { starred: true } },
    ],
    [
      'chat.delete_for_me',
      'message deleted for me',
      'regular_high',
      ['deleteMessageForMe', CAROL, 'DELETED0001', '0', '0'],
      { deleteMessageForMeAction: { deleteMedia: true, messageTimestamp: NOW } },
    ],
    [
      'chat.clear',
      'chat cleared',
      'regular_high',
      ['clearChat', CAROL, '1', '0'],
      { clearChatAction: range },
    ],
    ['chat.delete', 'chat deleted', 'regular_high', ['deleteChat', OTHER, '1'], { deleteChatAction: range }],
    [
      'label.edit',
      'label made',
      'regular',
      ['label_edit', '7'],
      { labelEditAction: { name: 'Important', color: 3, predefinedId: 0, deleted: false } },
    ],
    [
      'label.chat',
      'chat labelled',
      'regular',
      ['label_jid', '7', CAROL],
      { labelAssociationAction: { labeled: true } },
    ],
    [
      'label.message',
      'message labelled',
      'regular',
      ['label_message', '7', CAROL, 'LABELLED0001', '0', '0'],
      { labelAssociationAction: { labeled: true } },
    ],
    [
      'settings.unarchive_chats',
      'unarchive setting',
      'regular_low',
      ['setting_unarchiveChats'],
      { unarchiveChatsSetting: { unarchiveChats: true } },
    ],
    [
      'status.mute',
      'stories of a contact muted',
      'regular_high',
      ['userStatusMute', CAROL],
      { userStatusMuteAction: { muted: true } },
    ],
    [
      'pushname.setting',
      'own push name',
      'critical_block',
      ['setting_pushName'],
      { pushNameSetting: { name: 'Ada L.' } },
    ],
    [
      'contact.update',
      'address book',
      'critical_unblock_low',
      ['contact', CAROL],
      { contactAction: { fullName: 'Carol Jones', firstName: 'Carol', saveOnPrimaryAddressbook: true } },
    ],
  ])('%s: %s', async (name, trigger, type, index, action) => {
    const before = bench.told('a').length

    await patch(type, index, action)

    const news = () =>
      bench
        .told('a')
        .slice(before)
        .filter(
          ({ event_type: one, data }) =>
            one === name || (one === 'appstate.patch_received' && String(data.index) === String(index)),
        )
    await bench.app.waitFor(name, () => news().length >= 2)
    expect(news().map(({ event_type: one, data }) => [one, data])).toEqual([
      [name, recorded(name, `shared setting: ${trigger}`)],
      ['appstate.patch_received', recorded('appstate.patch_received', `shared setting: ${trigger}`)],
    ])
  })

  test.each([
    ['chat.archive', 'POST', 'archive', { archived: false }],
    ['chat.pin', 'POST', 'pin', { pinned: false }],
    ['chat.mute', 'POST', 'mute', { muted: true, duration: 28_800 }],
    ['chat.mark_read', 'POST', 'mark-read', { read: false }],
    ['chat.delete', 'DELETE', '', {}],
  ])('%s, changed by a route', async (name, method, path, body) => {
    const before = bench.told('a').length
    const chat = name === 'chat.delete' ? DAVE : CAROL
    const { status, text } = await bench.call(device, method, `/chats/${chat}${path && `/${path}`}`, body)
    expect([status, text]).toEqual([200, expect.any(String)])

    const trigger = `route ${method} /chats/{chat_jid}${path && `/${path}`}`
    const news = () =>
      bench
        .told('a')
        .slice(before)
        .map(({ event_type: type, data }) => [type, data])
    await bench.app.waitFor(name, () => news().length >= 2)
    expect(news()).toEqual([
      [name, recorded(name, trigger)],
      ['appstate.patch_received', recorded('appstate.patch_received', trigger)],
    ])
  })

  test('a change that nobody has a word for is told as a change alone', async () => {
    await patch('regular', ['time_format'], { timeFormatAction: { isTwentyFourHourFormatEnabled: true } })

    const { data } = await bench.event('a', 'appstate.patch_received', { index: ['time_format'] })
    expect(data).toEqual(recorded('appstate.patch_received', 'first patch of a collection'))
  })

  test('a collection that was read from its beginning', async () => {
    const { data } = await bench.event('a', 'appstate.sync_complete')

    expect(data).toEqual({
      ...recorded('appstate.sync_complete', 'link'),
      name: expect.any(String),
      version: expect.any(Number),
    })
  })

  test.each(allRecorded('appstate.sync_complete').filter(({ trigger }) => trigger.startsWith('first patch')))(
    'one that was read with its first change: $data.name',
    async ({ data }) => {
      const { name } = data as { name: string }

      expect((await bench.event('a', 'appstate.sync_complete', { name })).data).toEqual({
        ...data,
        version: expect.any(Number),
      })
    },
  )

  test('one that could not be read', async () => {
    await bench.app.parley.services.events.record(device.userId, [
      { type: 'appstate.failed', collection: 'regular', isFull: true, error: 'no key' },
    ])

    const { data } = await bench.event('a', 'appstate.sync_error')
    expect(data).toEqual(recorded('appstate.sync_error', 'broken patch', { jid: PHONE, error: 'no key' }))
  })

  test('a webhook gets the marks that it asked for, and no news of changes', async () => {
    await bench.event('marks', 'chat.mute', { action_raw: { muted: false } })

    expect(new Set(bench.told('marks').map(({ event_type: type }) => type))).toEqual(new Set(['chat.mute']))
  })
})

test('news of changes are not told unless the server is set to', async () => {
  const quiet = await DeviceBench.start()
  try {
    const other = await quiet.device()
    await quiet.webhook(other, 'quiet')
    await quiet.app.parley.services.events.record(other.userId, [
      { type: 'appstate.complete', collection: 'regular', version: 1 },
      {
        type: 'appstate.change',
        chat: CAROL,
        index: ['pin_v1', CAROL],
        action: { timestamp: Date.now(), pinAction: { pinned: true } },
        timestamp: NOW,
        fromFullSync: false,
      },
    ])
    await quiet.event('quiet', 'chat.pin')

    expect(quiet.told('quiet').map(({ event_type: type }) => type)).toEqual(['chat.pin'])
  } finally {
    await quiet.stop()
  }
})
