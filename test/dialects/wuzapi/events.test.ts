import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { LinkedDevice } from '../../../src/sandbox/peer/linked-device.ts'
import { Peer } from '../../../src/sandbox/peer/peer.ts'
import { node } from '../../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import { type LinkedUser, TestApp, type TestUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

// Every event that wuzapi sends and a network can cause, from the network to the webhook. How each is written, to the
// byte, is in ../wuzapi-events; failed links and networks that are away are in ../../whatsapp/connection-events.test.ts.

/** Events are looked into freely. */
type Json = ReturnType<typeof JSON.parse>

const ANA = '447900000801'
const anaJid = `${ANA}@s.whatsapp.net`
const now = () => Math.floor(Date.now() / 1000)
const at = expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/)
const lid = expect.stringMatching(/^\d+@lid$/)

describe.each(databaseKinds)('on %s', (database) => {
  let sandbox: Sandbox
  let app: TestApp
  let receiver: Receiver
  let user: LinkedUser
  let other: LinkedUser
  let ana: Peer

  beforeAll(async () => {
    receiver = await startReceiver()
    sandbox = await startSandbox()
    app = await TestApp.start({ database, env: { WEBHOOK_FORMAT: 'json', WHATSAPP_NETWORK: sandbox.url } })
    ana = peer(ANA, 'Ana')
    user = await linked('447900000802')
    other = await linked('447900000803')
    // Whoever has written to somebody is told about changes of theirs.
    await app.post('/chat/send/text', user.token, { Phone: other.phone, Body: 'hello' })
    await app.post('/chat/send/text', user.token, { Phone: ANA, Body: 'hello' })
  })
  afterAll(async () => {
    await app.close()
    await sandbox.stop()
    await receiver.close()
  })

  function peer(phone: string, name: string): Peer {
    const device = sandbox.network.createAccount({ phone, name }).devices.get(0)
    if (!(device instanceof Peer)) throw new Error(`${phone} has no phone`)
    return device
  }

  async function waiting(): Promise<{ user: TestUser; qr: string }> {
    const fresh = await app.createUser({ webhook: receiver.url })
    await app.post('/session/connect', fresh.token, { Immediate: true })
    const qr = await app.waitFor('a code', () => app.parley.services.sessions.find(fresh.id)?.status.qr)
    return { user: fresh, qr }
  }

  async function linked(phone: string): Promise<LinkedUser> {
    const { user: fresh, qr } = await waiting()
    const account = sandbox.network.createAccount({ phone, name: 'Own phone' })
    await sandbox.server.pairing.scan(account, qr)
    await open(fresh)
    return { ...fresh, phone }
  }

  function open({ id }: TestUser): Promise<unknown> {
    return app.waitFor('the session', () => app.parley.services.sessions.find(id)?.status.loggedIn)
  }

  /** The first event of that type that the user's webhook got and `matches` likes. */
  function told(
    type: string,
    { of = user, matches = () => true }: { of?: TestUser; matches?: (event: Json) => boolean } = {},
  ): Promise<Json> {
    return app.waitFor(
      type,
      () =>
        receiver.requests
          .map(({ event }): Json => event)
          .find((event) => event.userID === of.id && event.type === type && matches(event)),
      15_000,
    )
  }

  /** WhatsApp sends a stanza to the user's companion. */
  function deliver(stanza: BinaryNode): void {
    companion(user.phone).deliver(stanza)
  }

  function companion(phone: string): LinkedDevice {
    const device = sandbox.network.findAccount(phone)?.devices.get(1)
    if (!(device instanceof LinkedDevice)) throw new Error(`nothing is linked to ${phone}`)
    return device
  }

  function notification(type: string, from: string, ...parts: BinaryNode[]): BinaryNode {
    return node('notification', { type, from, id: crypto.randomUUID(), t: now() }, parts)
  }

  function call(step: string, attrs: Record<string, string> = {}): BinaryNode {
    const creator = { 'call-creator': anaJid, 'call-id': `CALL-${step}`, ...attrs }
    return node('call', { from: anaJid, id: crypto.randomUUID(), t: now() }, [node(step, creator)])
  }

  describe('linking', () => {
    test('is told as QR, PairSuccess, Connected and HistorySync', async () => {
      const qr = await told('QR')
      const paired = await told('PairSuccess')
      const connected = await told('Connected')
      const history = await told('HistorySync')

      expect(qr).toEqual({
        event: 'code',
        instanceName: 'Test',
        qrCodeBase64: expect.stringMatching(/^data:image\/png;base64,/),
        type: 'QR',
        userID: user.id,
      })
      expect(paired.event).toEqual({
        ID: `${user.phone}:1@s.whatsapp.net`,
        LID: expect.stringMatching(/^\d+:1@lid$/),
        BusinessName: '',
        Platform: expect.any(String),
        Props: {
          isChatDbLidMigrated: true,
          isSyncdPureLidSession: true,
          isSyncdSnapshotRecoveryEnabled: true,
        },
      })
      expect(connected.event).toEqual({})
      expect(history.event.Data.syncType).toEqual(expect.any(Number))
    })
  })

  describe('what people do is told', () => {
    test('as Message', async () => {
      const { id } = await ana.send(user.phone, { text: 'hello' })

      const { event } = await told('Message', { matches: ({ event }) => event.Info.ID === id })

      expect(event.Info).toMatchObject({
        Chat: lid,
        Sender: lid,
        SenderAlt: anaJid,
        IsFromMe: false,
        PushName: 'Ana',
        Timestamp: at,
      })
      expect(JSON.stringify(event.Message)).toContain('"hello"')
    })

    test('as UndecryptableMessage', async () => {
      const id = `3EB0${Date.now()}`
      const attrs = { from: anaJid, id, t: now(), type: 'text', notify: 'Ana' }
      deliver(node('message', attrs, [node('unavailable', { type: 'view_once' })]))

      const { event } = await told('UndecryptableMessage', { matches: ({ event }) => event.Info.ID === id })

      expect(event).toMatchObject({ IsUnavailable: true, UnavailableType: 'view_once', DecryptFailMode: '' })
    })

    test.each([
      ['delivered', 'Delivered', ''],
      ['read', 'Read', 'read'],
    ] as const)('as ReadReceipt: %s', async (type, state, Type) => {
      const { json } = await app.post('/chat/send/text', user.token, { Phone: ANA, Body: 'seen?' })
      await app.waitFor('the text', () => ana.messages.some(({ id }) => id === json.data.Id))
      ana.sendReceipt([json.data.Id], type)

      const { event } = await told('ReadReceipt', {
        matches: (one) => one.state === state && one.event.MessageIDs.includes(json.data.Id),
      })

      expect(event).toMatchObject({ Type, Sender: lid, IsFromMe: false, Timestamp: at })
    })

    test('and of receipts that are not told nothing is kept', async () => {
      const { json } = await app.post('/chat/send/text', user.token, { Phone: ANA, Body: 'to all devices' })
      await told('ReadReceipt', { matches: ({ event }) => event.MessageIDs.includes(json.data.Id) })

      // The own phone has told that it has the text, too.
      expect(await app.parley.services.db('deliveries').where('state', 'dropped')).toEqual([])
    })

    test('as Presence', async () => {
      await app.post('/user/presence/subscribe', user.token, { Phone: ANA })
      ana.sendPresence('available')
      const online = await told('Presence', { matches: ({ state }) => state === 'online' })
      ana.sendPresence('unavailable')
      const offline = await told('Presence', { matches: ({ last_seen: seen }) => seen > 0 })

      expect(online).toMatchObject({ event: { Unavailable: false, LastSeen: '0001-01-01T00:00:00Z' } })
      expect(offline).toMatchObject({ event: { Unavailable: true, LastSeen: at }, state: 'offline' })
      expect(offline.from).toBe(offline.event.From)
    })

    test('as ChatPresence', async () => {
      ana.sendTyping(user.phone, 'recording')

      const { event } = await told('ChatPresence')

      expect(event).toMatchObject({ State: 'composing', Media: 'audio', Sender: lid, SenderAlt: anaJid })
    })

    test('as UserAbout', async () => {
      await app.post('/status/set/text', other.token, { Body: 'At sea' })

      const { event } = await told('UserAbout')

      expect(event).toEqual({ JID: `${other.phone}@s.whatsapp.net`, Status: 'At sea', Timestamp: at })
    })

    test('as IdentityChange', async () => {
      deliver(notification('encrypt', anaJid, node('identity')))

      const { event } = await told('IdentityChange')

      expect(event).toEqual({ JID: anaJid, Timestamp: at, Implicit: false })
    })

    test('as MediaRetry', async () => {
      const answer = [node('enc_p', {}, Buffer.from('c')), node('enc_iv', {}, Buffer.from('i'))]
      deliver({
        ...notification(
          'mediaretry',
          `${user.phone}@s.whatsapp.net`,
          node('rmr', { jid: anaJid, from_me: 'false' }),
          node('encrypt', {}, answer),
        ),
      })

      const { event } = await told('MediaRetry')

      expect(event).toMatchObject({
        Ciphertext: 'Yw==',
        IV: 'aQ==',
        Error: null,
        ChatID: anaJid,
        FromMe: false,
      })
    })
  })

  describe('calls are told', () => {
    test('as CallOffer, CallAccept and CallTerminate', async () => {
      const CallID = ana.signalCall(user.phone, { kind: 'offer' })
      const offer = await told('CallOffer', { matches: ({ event }) => event.CallID === CallID })
      ana.signalCall(user.phone, { kind: 'accept', callId: CallID })
      const accept = await told('CallAccept', { matches: ({ event }) => event.CallID === CallID })
      ana.signalCall(user.phone, { kind: 'terminate', callId: CallID, reason: 'timeout' })
      const end = await told('CallTerminate', { matches: ({ event }) => event.CallID === CallID })

      expect(offer.event).toMatchObject({ Timestamp: at, Data: { Tag: 'offer' } })
      expect(accept.event).toMatchObject({ From: offer.event.From, Data: { Tag: 'accept' } })
      expect(end.event).toMatchObject({ From: offer.event.From, Reason: 'timeout' })
    })

    test('as CallOfferNotice', async () => {
      deliver(call('offer_notice', { media: 'audio', type: 'group' }))

      const { event } = await told('CallOfferNotice')

      expect(event).toMatchObject({
        CallID: 'CALL-offer_notice',
        Media: 'audio',
        Type: 'group',
        From: anaJid,
      })
    })

    test('as CallRelayLatency', async () => {
      deliver(call('relaylatency'))

      const { event } = await told('CallRelayLatency')

      expect(event).toMatchObject({ CallID: 'CALL-relaylatency', From: anaJid, Timestamp: at })
    })
  })

  describe('groups are told', () => {
    test('as JoinedGroup, GroupInfo and Picture', async () => {
      const { json } = await app.post('/group/create', other.token, {
        Name: 'Crew',
        Participants: [user.phone],
      })
      const GroupJID = json.data.JID
      const joined = await told('JoinedGroup')
      await app.post('/group/name', other.token, { GroupJID, Name: 'Sailors' })
      const changed = await told('GroupInfo', { matches: ({ event }) => event.Name !== null })
      const Image = `data:image/jpeg;base64,${Buffer.from([0xff, 0xd8, 0xff, 0xd9]).toString('base64')}`
      await app.post('/group/photo', other.token, { GroupJID, Image })
      const picture = await told('Picture')

      expect(joined.event).toMatchObject({ JID: GroupJID, Name: 'Crew', Sender: lid })
      expect(changed.event).toMatchObject({ JID: GroupJID, Name: { Name: 'Sailors' }, Timestamp: at })
      expect(picture.event).toMatchObject({
        JID: GroupJID,
        Remove: false,
        PictureID: expect.stringMatching(/^\d+$/),
      })
    })
  })

  describe('what the account does elsewhere is told', () => {
    test('as Blocklist', async () => {
      await app.post('/user/block', user.token, { Phone: ANA })
      const { event } = await told('Blocklist')
      await app.post('/user/unblock', user.token, { Phone: ANA })

      expect(event).toMatchObject({ DHash: expect.any(String), PrevDHash: expect.any(String) })
      expect(event.Changes).toEqual([{ JID: expect.any(String), Action: 'block' }])
    })

    test('as PrivacySettings', async () => {
      await app.post('/user/privacy', user.token, { Name: 'last', Value: 'contacts' })

      const { event } = await told('PrivacySettings')

      expect(event).toMatchObject({
        NewSettings: { LastSeen: 'contacts' },
        LastSeenChanged: true,
      })
    })

    test('as NewsletterJoin, NewsletterMuteChange, NewsletterLiveUpdate and NewsletterLeave', async () => {
      const { json } = await app.post('/newsletter/create', other.token, { name: 'Tides' })
      const NewsletterJID = json.data.id
      await app.post('/newsletter/join', user.token, { NewsletterJID })
      const join = await told('NewsletterJoin')
      await app.post('/newsletter/mute', user.token, { NewsletterJID, Mute: true })
      const mute = await told('NewsletterMuteChange')
      const post = node('message', { server_id: '101', type: 'text', t: now() }, [
        node('views_count', { count: '9' }),
      ])
      deliver(
        notification('newsletter', NewsletterJID, node('live_updates', {}, [node('messages', {}, [post])])),
      )
      const live = await told('NewsletterLiveUpdate')
      await app.post('/newsletter/leave', user.token, { NewsletterJID })
      const leave = await told('NewsletterLeave')

      expect(join.event).toMatchObject({ id: NewsletterJID, viewer_metadata: { role: 'subscriber' } })
      expect(mute.event).toEqual({ id: NewsletterJID, mute: 'on' })
      expect(live.event).toMatchObject({
        JID: NewsletterJID,
        Messages: [{ MessageServerID: 101, ViewsCount: 9 }],
      })
      expect(leave.event).toEqual({ id: NewsletterJID, role: 'guest' })
    })
  })

  describe('connections are told', () => {
    test('as Disconnected, OfflineSyncPreview and OfflineSyncCompleted', async () => {
      sandbox.server.drop(user.phone)
      const lost = await told('Disconnected')
      await app.post('/session/disconnect', user.token)
      await ana.send(user.phone, { text: 'are you there?' })
      await app.post('/session/connect', user.token, { Immediate: true })
      const preview = await told('OfflineSyncPreview')
      const completed = await told('OfflineSyncCompleted', { matches: ({ event }) => event.Count > 0 })

      expect(lost.event).toEqual({})
      expect(preview.event).toMatchObject({ Messages: 1, AppDataChanges: 0 })
      expect(preview.event.Total).toBeGreaterThan(0)
      expect(completed.event).toEqual({ Count: preview.event.Total })
    })

    test('as StreamError', async () => {
      await open(user)
      sandbox.server.streamError(user.phone, 479)

      const { event } = await told('StreamError')

      expect(event).toMatchObject({ Code: '479', Raw: { Tag: 'stream:error', Attrs: { code: '479' } } })
    })

    test.each([
      ['ConnectFailure', 400, { Reason: 400, Message: '', Raw: expect.objectContaining({ Tag: 'failure' }) }],
      ['ConnectFailure', 418, { Reason: 418, Message: '', Raw: expect.objectContaining({ Tag: 'failure' }) }],
      ['LoggedOut', 403, { OnConnect: true, Reason: 403 }],
      ['LoggedOut', 406, { OnConnect: true, Reason: 406 }],
      ['TemporaryBan', 402, { Code: expect.any(Number), Expire: expect.any(Number) }],
      ['ClientOutdated', 405, {}],
      ['LoggedOut', 401, { OnConnect: true, Reason: 401 }],
    ])('as %s when WhatsApp answers a login with %d', async (type, reason, expected) => {
      const refused = await linked(`4479000008${reason}`)
      const account = sandbox.network.findAccount(refused.phone)
      sandbox.network.faults.inject({ kind: 'refuse-login', reason }, { account, times: 1 })
      sandbox.server.drop(refused.phone)

      const { event } = await told(type, { of: refused })

      expect(event).toEqual(expected)
    })

    test('as LoggedOut when the phone unlinks the device', async () => {
      const unlinked = await linked('447900000899')
      sandbox.server.unlink(companion(unlinked.phone))

      const { event } = await told('LoggedOut', { of: unlinked })

      expect(event).toEqual({ OnConnect: false, Reason: 401 })
    })

    test('as QRTimeout when the network goes away while a code is shown', async () => {
      const { user: patient } = await waiting()

      await sandbox.server.stop()
      await sandbox.server.start()

      expect(await told('QRTimeout', { of: patient })).toMatchObject({ event: 'timeout' })
    })
  })
})
