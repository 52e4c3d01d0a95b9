import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { LinkedDevice } from '../../src/sandbox/peer/linked-device.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { children } from '../../src/sandbox/world/node.ts'
import { WA_CERT_DETAILS } from '../../src/whatsapp/library/engine.ts'
import { type Companion, link } from './companion.ts'

let sandbox: Sandbox
let ann: Companion
let ben: Companion
let contact: Account

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  ann = await link(sandbox, { phone: '551177000001', name: 'Ann' })
  ben = await link(sandbox, { phone: '551177000002', name: 'Ben' })
  contact = sandbox.network.createAccount({ phone: '551177000003', name: 'Cid' })
})
afterAll(async () => {
  await ann.close()
  await ben.close()
  await sandbox.stop()
})

const notification = (device: string, type: string, holds = '') =>
  sandbox.server.stanzas.find(
    (entry) =>
      entry.direction === 'to-client' &&
      entry.device === device &&
      entry.stanza.tag === 'notification' &&
      entry.stanza.attrs.type === type &&
      JSON.stringify(entry.stanza).includes(holds),
  )

test('numbers are looked up, unknown ones included', async () => {
  const known = await ann.socket.onWhatsApp('+551177000003')
  const unknown = await ann.socket.onWhatsApp('+551177999999')

  expect(known).toEqual([{ jid: contact.jid(), exists: true }])
  expect(unknown).toEqual([])
})

test('the raw lookup answers every protocol', async () => {
  contact.about = { text: 'busy', setAt: 1_700_000_000 }
  contact.picture = { id: '77', jpeg: Buffer.from('jpeg') }
  contact.business = { name: 'Shop' }

  const reply = await ann.socket.query({
    tag: 'iq',
    attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'usync' },
    content: [
      {
        tag: 'usync',
        attrs: { sid: '1', mode: 'full', context: 'background', last: 'true', index: '0' },
        content: [
          {
            tag: 'query',
            attrs: {},
            content: ['business', 'contact', 'status', 'picture', 'devices', 'lid', 'disappearing_mode'].map(
              (tag) => ({ tag, attrs: {} }),
            ),
          },
          { tag: 'list', attrs: {}, content: [{ tag: 'user', attrs: { jid: contact.jid() } }] },
        ],
      },
    ],
  })
  delete (contact as { business?: unknown }).business

  const list = children(children(reply)[0]).find(({ tag }) => tag === 'list')
  const user = children(list)[0]
  const part = (tag: string) => children(user).find((child) => child.tag === tag)
  expect(user?.attrs.jid).toBe(contact.jid())
  expect(part('picture')?.attrs.id).toBe('77')
  expect(part('contact')?.attrs.type).toBe('in')
  expect(part('status')?.attrs.t).toBe('1700000000')
  expect(part('lid')?.attrs.val).toBe(contact.lidJid())
  expect(children(part('business'))[0]?.tag).toBe('verified_name')
  expect(children(part('devices')).map(({ tag }) => tag)).toEqual(['device-list', 'key-index-list'])
})

test('each one-time key is handed out once, and the device is told when few are left', async () => {
  const device = sandbox.network.findDevice(ben.jid)
  if (!(device instanceof LinkedDevice)) throw new Error('not linked')
  const stock = device.preKeyIds.length

  const given = Array.from({ length: stock - 4 }, () => device.takeBundle().preKey?.id)
  await notification(device.jid, 'encrypt')
  await expect.poll(() => device.preKeyIds.length).toBe(9)

  expect(new Set(given).size).toBe(stock - 4)
})

test('group changes reach the other members', async () => {
  const group = await ann.socket.groupCreate('Before', [ben.jid.replace(/:\d+/, '')])

  await ann.socket.groupUpdateSubject(group.id, 'After')
  await ann.socket.groupUpdateDescription(group.id, 'what it is about')
  await ann.socket.groupSettingUpdate(group.id, 'announcement')
  await ann.socket.groupToggleEphemeral(group.id, 86_400)
  const added = await ann.socket.groupParticipantsUpdate(
    group.id,
    [contact.jid(), '5599@s.whatsapp.net'],
    'add',
  )
  await ann.socket.groupParticipantsUpdate(group.id, [contact.jid()], 'promote')

  const metadata = await ben.socket.groupMetadata(group.id)
  expect(metadata).toMatchObject({
    subject: 'After',
    desc: 'what it is about',
    announce: true,
    ephemeralDuration: 86_400,
    addressingMode: 'lid',
  })
  expect(metadata.participants.find(({ id }) => id === contact.lidJid())?.admin).toBe('admin')
  expect(added.map(({ status }) => status)).toEqual(['200', '404'])
  expect(Object.keys(await ben.socket.groupFetchAllParticipating())).toContain(group.id)
  await notification(ben.jid, 'w:gp2', '"tag":"description"')
  await notification(ben.jid, 'w:gp2', '"tag":"promote"')
})

test('only admins change a group, and only members see it', async () => {
  const group = await ann.socket.groupCreate('Closed', [ben.jid.replace(/:\d+/, '')])
  const strange = sandbox.network.createGroup({ subject: 'Elsewhere', creator: contact })

  await expect(ben.socket.groupSettingUpdate(group.id, 'announcement')).rejects.toMatchObject({ data: 403 })
  await expect(ben.socket.groupMetadata(strange.jid)).rejects.toMatchObject({ data: 403 })
  await expect(ben.socket.groupMetadata('1@g.us')).rejects.toMatchObject({ data: 404 })
})

test('people join by invite link, leave, and ask where approval is required', async () => {
  const group = await ann.socket.groupCreate('By link', [])
  const code = (await ann.socket.groupInviteCode(group.id)) ?? ''

  const info = await ben.socket.groupGetInviteInfo(code)
  const joined = await ben.socket.groupAcceptInvite(code)
  await ben.socket.groupLeave(group.id)
  await ann.socket.groupJoinApprovalMode(group.id, 'on')
  await ben.socket.groupAcceptInvite(code)
  const requests = await ann.socket.groupRequestParticipantsList(group.id)
  await ann.socket.groupRequestParticipantsUpdate(group.id, [requests[0]?.jid ?? ''], 'approve')
  await ann.socket.groupRevokeInvite(group.id)

  expect([info.subject, joined]).toEqual(['By link', group.id])
  expect((await ben.socket.groupMetadata(group.id)).participants).toHaveLength(2)
  await expect(ben.socket.groupGetInviteInfo(code)).rejects.toMatchObject({ data: 410 })
  await expect(ben.socket.groupGetInviteInfo('nonsense')).rejects.toMatchObject({ data: 406 })
})

test('privacy, blocking and disappearing messages are remembered', async () => {
  await ann.socket.updateLastSeenPrivacy('none')
  await ann.socket.updateBlockStatus(contact.lidJid(), 'block').catch(() => undefined)
  await ann.socket.updateDefaultDisappearingMode(604_800)

  expect(await ann.socket.fetchPrivacySettings(true)).toMatchObject({ last: 'none', readreceipts: 'all' })
  expect(sandbox.network.findAccount(ann.jid)?.disappearingMode.durationSeconds).toBe(604_800)
  await notification(ann.jid, 'account_sync', 'disappearing_mode')
  await ann.socket.updateLastSeenPrivacy('all')
})

test('whoever is blocked gets an ack and is not heard', async () => {
  const account = sandbox.network.findAccount(ben.jid)
  const blocked = sandbox.network.findAccount(ann.jid)
  if (!account || !blocked) throw new Error('accounts missing')
  account.blocklist.add(blocked)

  const sent = await ann.socket.sendMessage(account.jid(), { text: 'let me in' })
  await sandbox.server.stanzas.find(
    ({ stanza }) => stanza.tag === 'ack' && stanza.attrs.id === sent?.key.id && !stanza.attrs.error,
  )
  account.blocklist.delete(blocked)

  const heard = sandbox.server.stanzas.list(
    ({ device, stanza }) => device === ben.jid && stanza.attrs.id === sent?.key.id,
  )
  expect(heard).toEqual([])
})

test('pictures and about texts are set and read', async () => {
  await ann.socket.updateProfileStatus('hello world')
  const own = sandbox.network.findAccount(ann.jid)
  if (own) own.picture = { id: '5', jpeg: Buffer.from('picture') }

  const url = await ben.socket.profilePictureUrl(ann.jid, 'image')

  expect(await fetch(url ?? '').then((response) => response.text())).toBe('picture')
  expect(own?.about.text).toBe('hello world')
  await expect(ben.socket.profilePictureUrl(ben.jid, 'image')).rejects.toMatchObject({ data: 404 })
})

test('presence reaches those who watch, typing the other side', async () => {
  await ben.socket.presenceSubscribe(ann.jid.replace(/:\d+/, ''))
  await ann.socket.sendPresenceUpdate('unavailable')
  await ann.socket.sendPresenceUpdate('available')
  await ann.socket.sendPresenceUpdate('composing', ben.jid.replace(/:\d+/, ''))

  const toBen = (tag: string, type: string | undefined) =>
    sandbox.server.stanzas.find(
      ({ direction, device, stanza }) =>
        direction === 'to-client' && device === ben.jid && stanza.tag === tag && stanza.attrs.type === type,
    )
  expect((await toBen('presence', 'unavailable')).stanza.attrs.last).toMatch(/^\d+$/)
  await toBen('presence', undefined)
  expect(children((await toBen('chatstate', undefined)).stanza)[0]?.tag).toBe('composing')
})

test('a trusted contact is handed a token and shows it', async () => {
  await ann.socket.sendMessage(ben.jid.replace(/:\d+/, ''), { text: 'trust me' })
  await notification(ben.jid, 'privacy_token')
  await ben.message('trust me')
  await expect
    .poll(async () => {
      const sent = await ben.socket.sendMessage(ann.jid.replace(/:\d+/, ''), { text: 'with token' })
      const { stanza } = await sandbox.server.stanzas.find(
        (entry) => entry.direction === 'from-client' && entry.stanza.attrs.id === sent?.key.id,
      )
      return children(stanza).map(({ tag }) => tag)
    })
    .toContain('tctoken')
})

test('faults strike as often as they should', async () => {
  const account = sandbox.network.findAccount(ann.jid)
  const refused = sandbox.network.faults.inject(
    { kind: 'refuse-query', xmlns: 'w:g2', child: 'create', code: 429, text: 'rate-overlimit' },
    { ...(account && { account }), times: 1 },
  )

  await expect(ann.socket.groupCreate('Refused', [])).rejects.toMatchObject({ data: 429 })
  await ann.socket.groupCreate('Accepted', [])

  expect(refused.hits).toBe(1)
})

test('changes of chats are shared among the devices of an account', async () => {
  await ann.event('app state key', () => (ann.creds.myAppStateKeyId ? true : undefined))
  const second = await link(sandbox, { phone: '551177000001', name: 'Ann' })
  await second.event('app state key', () => (second.creds.myAppStateKeyId ? true : undefined))

  await ann.socket.chatModify({ pin: true }, contact.jid())
  const pinned = await second.event('pinned chat', (events) =>
    events['chats.update']?.find(({ id, pinned: at }) => id === contact.jid() && at),
  )

  expect(pinned.pinned).toBeGreaterThan(0)
  await second.close()
})

test('no query of the client goes without a proper answer', () => {
  expect([...sandbox.network.unknownQueries.keys()]).toEqual([])
})
