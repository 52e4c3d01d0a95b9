import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BinaryNode } from '../../../../src/whatsapp/library/engine.ts'
import { type Device, DeviceBench } from '../device-bench.ts'
import { recorded } from './recorded.ts'

const PHONE = '15550001001'
const CAROL = '15550003003'
const carol = `${CAROL}@s.whatsapp.net`
const carolLid = '836508279526245@lid'
const GROUP = '120363000000000011@g.us'
const CHANNEL = '120363400000000003@newsletter'
const t = String(Math.floor(Date.now() / 1000))

let bench: DeviceBench
let device: Device
beforeAll(async () => {
  bench = await DeviceBench.start()
  device = await bench.device()
  await bench.webhook(device, 'a')
  device = await bench.link(device, PHONE)
  // The recorded phone had not moved to LIDs.
  await bench.app.contact(CAROL, { name: 'Carol', addressing: 'pn' })
})
afterAll(() => bench.stop())

const node = (
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode['content'],
): BinaryNode => ({ tag, attrs, ...(content !== undefined && { content }) })

let ids = 0
const notification = (type: string, attrs: Record<string, string>, ...parts: BinaryNode[]) =>
  node('notification', { type, id: `N${++ids}`, t, ...attrs }, parts)
const call = (...steps: BinaryNode[]) => node('call', { from: carol, id: `C${++ids}`, t }, steps)
const step = (tag: string, attrs: Record<string, string> = {}) =>
  node(tag, { 'call-id': 'CALLINJECTED0001', 'call-creator': carol, ...attrs })
const change = (by: Record<string, string>, ...parts: BinaryNode[]) =>
  notification('w:gp2', { from: GROUP, ...by }, ...parts)
const byCarol = { participant: carolLid, participant_pn: carol }
const member = node('participant', { jid: '417060973369170@lid' })
const ownSync = (part: BinaryNode) => notification('account_sync', { from: `${PHONE}@s.whatsapp.net` }, part)

/** Injects a stanza and compares what is told from then on, in any chat, with what was recorded. */
async function expectTold(stanza: BinaryNode, names: string[], trigger: string, differing: object = {}) {
  const before = bench.told('a').length
  bench.inject(device, stanza)
  const news = () =>
    bench
      .told('a')
      .slice(before)
      .filter(({ event_type: type }) => names.includes(type))
  await bench.app.waitFor(trigger, () => news().length >= names.length)
  const told = Object.fromEntries(news().map(({ event_type: type, data }) => [type, data]))
  expect(told).toEqual(Object.fromEntries(names.map((name) => [name, recorded(name, trigger, differing)])))
}

describe('people', () => {
  test.each<[string, string, BinaryNode]>([
    ['chat.presence', 'a contact: composing', node('chatstate', { from: carol }, [node('composing')])],
    [
      'chat.presence',
      'a contact: recording',
      node('chatstate', { from: carol }, [node('composing', { media: 'audio' })]),
    ],
    ['chat.presence', 'a contact: paused', node('chatstate', { from: carol }, [node('paused')])],
    ['presence.update', 'a contact comes online', node('presence', { from: carol })],
    [
      'presence.update',
      'a contact goes offline',
      node('presence', { from: carol, type: 'unavailable', last: t }),
    ],
    [
      'picture.update',
      'picture set',
      notification('picture', { from: carol }, node('set', { jid: carol, author: carol, id: '1755' })),
    ],
    [
      'picture.update',
      'picture removed',
      notification('picture', { from: carol }, node('delete', { jid: carol, author: carol })),
    ],
    [
      'picture.update',
      'group picture set',
      notification(
        'picture',
        { from: '120363000000000001@g.us' },
        node('set', { jid: '120363000000000001@g.us', author: carol, id: '1755' }),
      ),
    ],
    ['picture.update', 'own picture changed elsewhere', ownSync(node('picture'))],
    [
      'user.about',
      'about text',
      notification('status', { from: carol }, node('set', {}, Buffer.from('At the beach'))),
    ],
    [
      'identity.change',
      'security code changed',
      notification('encrypt', { from: '15550004004@s.whatsapp.net' }, node('identity')),
    ],
    [
      'blocklist.change',
      'own block list changed elsewhere',
      ownSync(
        node('blocklist', { action: 'modify', dhash: '2', prev_dhash: '1' }, [
          node('item', { jid: '15550007007@s.whatsapp.net', action: 'block' }),
        ]),
      ),
    ],
    ['blocklist.change', 'own block list to be read again', ownSync(node('blocklist', { dhash: '3' }))],
  ])('%s: %s', async (name, trigger, stanza) => {
    await expectTold(stanza, [name], trigger)
  })

  test('privacy.settings, with what they are now', async () => {
    const settings = { LastSeen: 'contacts', ReadReceipts: 'none' }
    await expectTold(
      ownSync(
        node('privacy', {}, [
          node('category', { name: 'last', value: 'contacts' }),
          node('category', { name: 'readreceipts', value: 'none' }),
        ]),
      ),
      ['privacy.settings'],
      'own privacy changed elsewhere',
      { settings: expect.objectContaining(settings) },
    )
  })
})

describe('calls', () => {
  test.each<[string, string, BinaryNode]>([
    ['call.offer', 'call offer', call(step('offer'))],
    ['call.accept', 'call accept', call(step('accept'))],
    ['call.reject', 'call reject', call(step('reject'))],
    ['call.terminate', 'call terminate', call(step('terminate', { reason: 'timeout' }))],
    ['call.pre_accept', 'call stanza with preaccept', call(step('preaccept'))],
    ['call.transport', 'call stanza with transport', call(step('transport'))],
    ['call.relay_latency', 'call stanza with relaylatency', call(step('relaylatency'))],
    [
      'call.offer_notice',
      'call stanza with offer_notice',
      call(step('offer_notice', { media: 'audio', type: 'group' })),
    ],
    ['call.unknown', 'call stanza with mystery', call(step('mystery'))],
    ['call.unknown', 'call stanza without child', call()],
  ])('%s: %s', async (name, trigger, stanza) => {
    await expectTold(stanza, [name], trigger)
  })
})

describe('groups', () => {
  const both = ['group.info_update', 'group.participant_update']

  test.each<[string, string[], BinaryNode]>([
    ['member added', both, change(byCarol, node('add', {}, [member]))],
    ['member promoted', both, change(byCarol, node('promote', {}, [member]))],
    ['member demoted', both, change(byCarol, node('demote', {}, [member]))],
    ['member removed', both, change(byCarol, node('remove', {}, [member]))],
    ['subject changed', ['group.info_update'], change(byCarol, node('subject', { subject: 'New' }))],
    [
      'the account is removed (named by number)',
      [...both, 'group.leave'],
      change(
        { participant: carol },
        node('remove', {}, [node('participant', { jid: `${PHONE}@s.whatsapp.net` })]),
      ),
    ],
  ])('%s', async (trigger, names, stanza) => {
    await expectTold(stanza, names, trigger)
  })

  test('the account leaves by itself, and is named', async () => {
    const { jid } = await bench.app.sandbox('POST', '/groups', {
      subject: 'To leave',
      creator: CAROL,
      participants: [PHONE],
    })
    await bench.event('a', 'group.join', { group_jid: jid })
    const { status } = await bench.call(device, 'POST', `/groups/${jid}/leave`)

    expect(status).toBe(200)
    const { data } = await bench.event('a', 'group.info_update', { group_jid: jid })
    expect(data).toEqual(
      recorded('group.info_update', 'the account leaves by itself (route)', {
        group_jid: jid,
        leave: ['554834685738894@lid'],
      }),
    )
    await bench.event('a', 'group.leave', { group_jid: jid })
  })

  test('a leave is told in groups that name people by LID, too', async () => {
    const { lid } = bench.session(device).me
    const own = lid.replace(/:\d+/, '')
    const removed = () => change(byCarol, node('remove', {}, [node('participant', { jid: own })]))

    await expectTold(removed(), ['group.leave'], 'the account is removed (named by number)')
    await expectTold(removed(), both, 'the account is removed (named by LID')
  })

  test('one that somebody makes with the account', async () => {
    const { jid } = await bench.app.sandbox('POST', '/groups', {
      subject: 'Team',
      creator: CAROL,
      participants: [PHONE],
    })

    const { data } = await bench.event('a', 'group.join', { group_jid: jid })
    expect(data).toEqual(recorded('group.join', 'somebody creates', { group_jid: jid }))
  })
})

describe('channels', () => {
  const mex = (content: object) =>
    notification(
      'mex',
      { from: CHANNEL },
      node('update', { op_name: 'Notification' }, Buffer.from(JSON.stringify({ data: content }))),
    )
  const post = node('message', { server_id: '100', id: 'NEWSPOST0001', type: 'text', t }, [
    node('views_count', { count: '13' }),
    node('reactions', {}, [node('reaction', { code: '👍', count: '4' })]),
  ])

  test.each<[string, string[], BinaryNode]>([
    [
      'channel followed (route)',
      ['newsletter.join'],
      mex({
        xwa2_notify_newsletter_on_join: { id: CHANNEL, thread_metadata: { name: { text: 'Carol daily' } } },
      }),
    ],
    [
      'channel muted (route)',
      ['newsletter.update', 'newsletter.mute_change'],
      mex({ xwa2_notify_newsletter_on_mute_change: { id: CHANNEL, mute: 'OFF' } }),
    ],
    [
      'channel left (route)',
      ['newsletter.leave'],
      mex({ xwa2_notify_newsletter_on_leave: { id: CHANNEL, role: 'GUEST' } }),
    ],
    [
      'live counters of a channel',
      ['newsletter.live_update'],
      notification('newsletter', { from: CHANNEL }, node('live_updates', {}, [post])),
    ],
  ])('%s', async (trigger, names, stanza) => {
    await expectTold(stanza, names, trigger)
  })

  test('counters one level deeper are found there, too', async () => {
    const deeper = node('live_updates', {}, [node('messages', {}, [post])])
    await expectTold(
      notification('newsletter', { from: CHANNEL }, deeper),
      ['newsletter.live_update'],
      'live counters, list one level deeper',
      { message_count: 1, messages: [expect.objectContaining({ MessageServerID: 100 })] },
    )
  })

  test('a post of one without a meta part', async () => {
    const { proto } = await import('../../../../src/whatsapp/library/engine.ts')
    const plaintext = Buffer.from(proto.Message.encode({ conversation: 'News' }).finish())

    await expectTold(
      node('message', { from: CHANNEL, id: 'NEWSPOST0001', type: 'text', t, server_id: '100' }, [
        node('plaintext', {}, plaintext),
      ]),
      ['message.received'],
      'post in a followed channel',
    )
  })

  test('a post of one, with what its meta part says', async () => {
    const { proto } = await import('../../../../src/whatsapp/library/engine.ts')
    const plaintext = Buffer.from(proto.Message.encode({ conversation: 'News' }).finish())

    await expectTold(
      node('message', { from: CHANNEL, id: 'NEWSPOST0002', type: 'text', t, server_id: '101' }, [
        node('meta', { original_msg_t: t }),
        node('plaintext', {}, plaintext),
      ]),
      ['message.received', 'newsletter.message_received'],
      'post in a followed channel, with the meta part',
    )
  })
})

describe('what was missed', () => {
  test.each<[string, string, BinaryNode]>([
    [
      'offline.sync_preview',
      'backlog announced',
      node('offline_preview', {
        count: '5',
        appdata: '1',
        message: '2',
        notification: '1',
        receipt: '1',
      }),
    ],
    ['offline.sync_completed', 'backlog done', node('offline', { count: '5' })],
  ])('%s', async (name, trigger, part) => {
    const before = bench.told('a').length
    bench
      .session(device)
      .socket()
      .ws.emit(`CB:ib,,${part.tag}`, node('ib', { from: 's.whatsapp.net' }, [part]))
    await bench.app.waitFor(name, () =>
      bench
        .told('a')
        .slice(before)
        .some((one) => one.event_type === name),
    )

    expect(bench.told('a').findLast((one) => one.event_type === name)?.data).toEqual(recorded(name, trigger))
  })
})
