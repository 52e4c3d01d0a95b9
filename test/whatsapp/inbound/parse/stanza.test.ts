import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stanzaEvents, stanzaIds } from '../../../../src/whatsapp/inbound/parse/stanza.ts'
import { type BinaryNode, proto } from '../../../../src/whatsapp/library/engine.ts'

const ME = { pn: '5511988887777:12@s.whatsapp.net', lid: '222222222222222:12@lid' }
const GROUP = '1203@g.us'

const node = (
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode['content'],
): BinaryNode => ({
  tag,
  attrs,
  ...(content !== undefined && { content }),
})
const notification = (type: string, from: string, ...parts: BinaryNode[]) =>
  node('notification', { type, from, id: '1', t: '100' }, parts)

describe('what WhatsApp offers again until it is acknowledged', () => {
  const receipt = (attrs: Record<string, string>) =>
    node('receipt', { from: '123@lid', type: 'read', id: 'M1', t: '100', ...attrs })
  const ids = (stanza: BinaryNode) => stanzaIds(stanza, stanzaEvents(stanza, ME))

  test('has the same ids each time', () => {
    expect(ids(receipt({ offline: '3' }))).toEqual(ids(receipt({})))
    expect(ids(receipt({}))).toHaveLength(1)
  })

  test.each<Record<string, string>>([
    { type: 'played' },
    { id: 'M2' },
    { participant: '5@lid' },
    { t: '101' },
  ])('has other ids with %j', (attrs) => {
    expect(ids(receipt(attrs))).not.toEqual(ids(receipt({})))
  })

  test('what comes once has none', () => {
    expect(ids(node('presence', { from: '123@lid', id: 'x' }))).toBeUndefined()
  })
})

describe('receipts', () => {
  test('a receipt of several readers is one event each', () => {
    const readers = node('participants', { key: 'M1' }, [
      node('user', { jid: '123:4@lid', t: '101' }),
      node('user', { jid: '222222222222222:3@lid', t: '102' }),
      node('user', { jid: '999@lid' }),
    ])

    const events = stanzaEvents(node('receipt', { from: GROUP, type: 'read', id: 'x' }, [readers]), ME)

    expect(events).toMatchObject([
      { messageIds: ['M1'], sender: '123:4@lid', fromMe: false, timestamp: 101, kind: 'read', chat: GROUP },
      { messageIds: ['M1'], sender: '222222222222222:3@lid', fromMe: true, timestamp: 102 },
    ])
  })

  test('a receipt without an id says nothing', () => {
    expect(stanzaEvents(node('receipt', { from: '123@lid' }), ME)).toEqual([])
  })
})

describe('linking and connection', () => {
  test('the answer to a scan names the device in both identities', () => {
    const success = node('pair-success', {}, [
      node('device', { jid: ME.pn, lid: ME.lid }),
      node('platform', { name: 'iphone' }),
      node('biz', { name: 'Shop' }),
      node('client-props', {}, proto.ClientPairingProps.encode({ isChatDbLidMigrated: true }).finish()),
    ])

    expect(stanzaEvents(node('iq', { type: 'set' }, [success]), ME)).toEqual([
      {
        type: 'session.paired',
        jid: ME.pn,
        lid: ME.lid,
        businessName: 'Shop',
        platform: 'iphone',
        props: { isChatDbLidMigrated: true },
      },
    ])
  })

  test.each(['400', '401', '402', '403', '405', '406', '409', '500', '503'])(
    'failure %s is left to the state machine',
    (reason) => {
      expect(stanzaEvents(node('failure', { reason }), ME)).toEqual([])
    },
  )

  test.each(['415', '418', '501'])('failure %s is told with the whole stanza', (reason) => {
    expect(stanzaEvents(node('failure', { reason, message: 'why', location: 'rva' }), ME)).toEqual([
      {
        type: 'session.refused',
        reason: Number(reason),
        message: 'why',
        raw: { tag: 'failure', attrs: { reason, message: 'why', location: 'rva' }, content: null },
      },
    ])
  })

  test.each([
    node('stream:error', { code: '515' }),
    node('stream:error', { code: '503' }),
    node('stream:error', {}, [node('conflict', { type: 'replaced' })]),
    node('stream:error', { code: '401' }, [node('conflict', { type: 'device_removed' })]),
  ])('stream errors of normal life are not told', (stanza) => {
    expect(stanzaEvents(stanza, ME)).toEqual([])
  })

  test('a phone that cannot link devices says so', () => {
    expect(stanzaEvents(node('ib', {}, [node('downgrade_webclient')]), ME)).toEqual([
      { type: 'session.phone.outdated' },
    ])
  })
})

describe('groups', () => {
  test('linking to a community, leaving and unknown changes are told in one event', () => {
    const [event] = stanzaEvents(
      notification(
        'w:gp2',
        GROUP,
        node('link', { link_type: 'parent_group' }, [
          node('group', { jid: '1204@g.us', subject: 'All', s_t: '9' }),
        ]),
        node('unlink', { unlink_type: 'sub_group', unlink_reason: 'unlink_group' }, [
          node('group', { id: '1205' }),
        ]),
        node('created_membership_requests', { request_method: 'invite' }),
        node('not_ephemeral'),
        node('delete', { reason: 'creator_deleted' }),
      ),
      ME,
    )

    expect(event).toMatchObject({
      type: 'group.changed',
      chat: GROUP,
      sender: null,
      link: {
        linkType: 'parent_group',
        unlinkReason: '',
        group: { jid: '1204@g.us', name: 'All', nameSetAt: 9 },
      },
      unlink: { linkType: 'sub_group', unlinkReason: 'unlink_group', group: { jid: '1205@g.us' } },
      unknown: [{ tag: 'created_membership_requests', attrs: { request_method: 'invite' }, content: null }],
      ephemeral: { isEphemeral: false, timerSeconds: 0 },
      deleted: { reason: 'creator_deleted' },
      locked: null,
    })
  })

  test('a deleted description and approval that was turned off are changes too', () => {
    const [event] = stanzaEvents(
      notification(
        'w:gp2',
        GROUP,
        node('description', { id: 'D' }, [node('delete')]),
        node('membership_approval_mode', {}, [node('group_join', { state: 'off' })]),
      ),
      ME,
    )

    expect(event).toMatchObject({
      topic: { topic: '', id: 'D', deleted: true, setAt: 100 },
      joinApprovalRequired: false,
    })
  })

  test('the notice that group caches are stale is no event', () => {
    expect(stanzaEvents(notification('w:gp2', 's.whatsapp.net', node('groups_dirty')), ME)).toEqual([])
  })
})

describe('the account', () => {
  test('the own picture and a new block list come in one notice', () => {
    const events = stanzaEvents(
      notification(
        'account_sync',
        '5511988887777@s.whatsapp.net',
        node('picture'),
        node('blocklist', { action: 'modify', dhash: '2', prev_dhash: '1' }),
        node('devices', { dhash: 'x' }),
      ),
      ME,
    )

    expect(events).toMatchObject([
      { type: 'contact.picture', jid: '5511988887777@s.whatsapp.net', pictureId: '', removed: false },
      { type: 'account.blocklist', action: 'modify', changes: [] },
    ])
  })

  test('notices about own keys are no change of a contact', () => {
    expect(
      stanzaEvents(notification('encrypt', 's.whatsapp.net', node('count', { value: '5' })), ME),
    ).toEqual([])
  })
})

describe('messages', () => {
  test('what is encrypted waits for the inbox, what is withheld is told', () => {
    const attrs = { from: '123@lid', id: 'A', t: '100' }
    const unavailable = node('unavailable', { type: 'view_once' })

    expect(
      stanzaEvents(node('message', attrs, [node('enc', { type: 'msg' }, Buffer.from('x'))]), ME),
    ).toEqual([])
    expect(stanzaEvents(node('message', attrs, [unavailable, node('enc', { type: 'msg' })]), ME)).toEqual([])
    expect(stanzaEvents(node('message', attrs, [unavailable]), ME)).toMatchObject([
      { type: 'message.undecryptable', id: 'A', isUnavailable: true, unavailableType: 'view_once' },
    ])
  })
})

const tags = [
  'receipt',
  'presence',
  'chatstate',
  'call',
  'iq',
  'ib',
  'failure',
  'stream:error',
  'notification',
  'message',
  'constructor',
  'participants',
  'update',
  'live_updates',
  'message',
  'privacy',
  'category',
  'create',
  'group',
]
const attrs = fc.dictionary(
  fc.constantFrom('from', 'type', 'id', 't', 'jid', 'participant', 'name', 'key', 'code'),
  fc.constantFrom(
    '',
    'w:gp2',
    'mex',
    'newsletter',
    'account_sync',
    'constructor',
    '1@lid',
    ':@',
    '@',
    'x',
    '9',
  ),
)
const { tree } = fc.letrec<{ tree: BinaryNode }>((tie) => ({
  tree: fc.record({
    tag: fc.constantFrom(...tags),
    attrs,
    content: fc.oneof(
      { maxDepth: 3 },
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom('null', '[1]', '{"data":null}'),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }),
}))

test('no stanza, however odd, makes the parsers fail', () => {
  fc.assert(
    fc.property(tree, (stanza) => {
      expect(Array.isArray(stanzaEvents(stanza, ME))).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
