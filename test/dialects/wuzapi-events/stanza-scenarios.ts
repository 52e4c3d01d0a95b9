import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import { NOW } from './message-scenarios.ts'

const BOB = '123456789012345@lid'
const BOB_PN = '5511999990000@s.whatsapp.net'
const GROUP = '120363041234567890@g.us'
const CHANNEL = '120363144038483540@newsletter'
const t = String(NOW)

const node = (
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode['content'],
): BinaryNode => ({
  tag,
  attrs,
  ...(content !== undefined && { content }),
})
const call = (step: string, attrs: Record<string, string>, content?: BinaryNode['content']) =>
  node('call', { from: BOB, id: '1', t, platform: 'android', version: '2.25.29.75' }, [
    node(step, attrs, content),
  ])
const groupChange = (attrs: Record<string, string>, ...parts: BinaryNode[]) =>
  node('notification', { from: GROUP, type: 'w:gp2', id: '1', t, ...attrs }, parts)
const byBob = { participant: BOB, participant_pn: BOB_PN }
const versions = { prev_v_id: '1755795000000000', v_id: '1755795600000000' }
const bob = node('participant', { jid: BOB })
const mex = (data: object) =>
  node('notification', { from: CHANNEL, type: 'mex', id: '1', t }, [
    node('update', { op_name: 'Notification' }, Buffer.from(JSON.stringify({ data }))),
  ])
const notification = (type: string, attrs: Record<string, string>, ...parts: BinaryNode[]) =>
  node('notification', { type, id: '1', t, ...attrs }, parts)

/** Sample name -> the stanza it came from. */
export const stanzaScenarios: Record<string, BinaryNode> = {
  read: node('receipt', { from: BOB, sender_pn: BOB_PN, id: '3EB0538DA65A59F6D8A251', type: 'read', t }, [
    node('list', {}, [node('item', { id: '3EB0538DA65A59F6D8A250' })]),
  ]),
  delivered: node('receipt', { from: BOB, sender_pn: BOB_PN, id: '3EB0538DA65A59F6D8A251', t }),
  readself: node('receipt', {
    from: GROUP,
    participant: '5511988887777:12@s.whatsapp.net',
    recipient: BOB,
    id: '3A5F',
    type: 'read-self',
    t,
  }),
  presoff: node('presence', { from: BOB, type: 'unavailable', last: t }),
  'presoff-hidden': node('presence', { from: BOB, type: 'unavailable', last: 'deny' }),
  preson: node('presence', { from: BOB }),
  chatpres: node('chatstate', { from: BOB, sender_pn: BOB_PN }, [node('composing', { media: 'audio' })]),
  'chatpres-composing': node('chatstate', { from: BOB, sender_pn: BOB_PN }, [node('composing')]),
  'chatpres-paused-group': node('chatstate', { from: GROUP, participant: BOB, participant_pn: BOB_PN }, [
    node('paused'),
  ]),
  streamerror: node('stream:error', { code: '479' }, [node('x', {}, Buffer.from('hi'))]),
  offlinepreview: node('ib', { from: 's.whatsapp.net' }, [
    node('offline_preview', { count: '5', appdata: '1', message: '2', notification: '1', receipt: '1' }),
  ]),
  offlinedone: node('ib', { from: 's.whatsapp.net' }, [node('offline', { count: '5' })]),

  groupinfo: groupChange(byBob, node('subject', { subject: 'New name', s_t: t, s_o: BOB, s_o_pn: BOB_PN })),
  groupsettings: groupChange(
    byBob,
    node('description', { id: '3EB0T' }, [node('body', {}, Buffer.from('about'))]),
    node('locked'),
    node('announcement'),
    node('ephemeral', { expiration: '86400' }),
    node('membership_approval_mode', {}, [node('group_join', { state: 'on' })]),
  ),
  groupjoin: groupChange(byBob, node('add', { ...versions, reason: 'invite' }, [bob])),
  groupleave: groupChange(byBob, node('remove', versions, [bob])),
  grouppromote: groupChange(byBob, node('promote', versions, [bob])),
  groupnewlink: groupChange({}, node('invite', { code: 'AbCdEfGhIjKlMnOpQrStUv' })),
  joinedgroup: groupChange(
    { ...byBob, notify: 'Bob', addressing_mode: 'lid' },
    node('create', { type: 'new' }, [
      node(
        'group',
        {
          id: '120363041234567890',
          creator: BOB,
          creator_pn: BOB_PN,
          subject: 'G',
          s_t: t,
          s_o: BOB,
          s_o_pn: BOB_PN,
          creation: t,
          size: '2',
        },
        [
          node('participant', { jid: BOB, phone_number: BOB_PN, type: 'superadmin' }),
          node('member_add_mode', {}, Buffer.from('all_member_add')),
        ],
      ),
    ]),
  ),

  picture: notification(
    'picture',
    { from: BOB_PN },
    node('set', { jid: BOB_PN, author: BOB_PN, id: '1755795600' }),
  ),
  pictureremoved: notification('picture', { from: GROUP }, node('delete', { jid: GROUP, author: BOB })),
  blocklist: notification(
    'account_sync',
    { from: '5511988887777@s.whatsapp.net' },
    node('blocklist', { dhash: '1755', prev_dhash: '1754' }, [node('item', { jid: BOB, action: 'block' })]),
  ),
  about: notification('status', { from: BOB_PN }, node('set', {}, Buffer.from('busy'))),
  identity: notification('encrypt', { from: BOB }, node('identity')),
  mediaretry: notification(
    'mediaretry',
    { id: '3EB0X', from: '5511988887777@s.whatsapp.net' },
    node('rmr', { jid: BOB, from_me: 'false' }),
    node('encrypt', {}, [node('enc_p', {}, Buffer.from('c')), node('enc_iv', {}, Buffer.from('i'))]),
  ),
  mediaretryerr: notification(
    'mediaretry',
    { id: '3EB0X', from: '5511988887777@s.whatsapp.net' },
    node('rmr', { jid: BOB, from_me: 'false' }),
    node('error', { code: '2' }),
  ),
  'undec-viewonce': node(
    'message',
    {
      from: BOB,
      sender_pn: BOB_PN,
      addressing_mode: 'lid',
      notify: 'Bob',
      id: '3EB0Y',
      type: 'text',
      t,
    },
    [node('unavailable', { type: 'view_once' })],
  ),

  'nl-join': mex({
    xwa2_notify_newsletter_on_join: {
      id: CHANNEL,
      state: { type: 'ACTIVE' },
      thread_metadata: {
        creation_time: '1686000000',
        invite: '0029Va',
        name: { text: 'WhatsApp', id: '1686000000000000', update_time: '1686000000123456' },
        description: null,
        subscribers_count: '100',
        verification: 'VERIFIED',
      },
      viewer_metadata: { mute: 'ON', role: 'SUBSCRIBER' },
    },
  }),
  'nl-leave': mex({ xwa2_notify_newsletter_on_leave: { id: CHANNEL, role: 'GUEST' } }),
  'nl-mute': mex({ xwa2_notify_newsletter_on_mute_change: { id: CHANNEL, mute: 'OFF' } }),
  'nl-live': notification(
    'newsletter',
    { from: CHANNEL },
    node('live_updates', {}, [
      node('messages', {}, [
        node('message', { server_id: '101', type: 'text', t }, [
          node('views_count', { count: '9' }),
          node('reactions', {}, [node('reaction', { code: '👍', count: '3' })]),
        ]),
      ]),
    ]),
  ),
}

// The samples were made from structs whose call id differs from the one inside the element they carry.
const CALL = { 'call-creator': BOB, 'call-id': 'AC4F2FDC523253F5002D46E7FCC88A95', caller_pn: BOB_PN }

/** Call stanzas: the samples agree with what comes out, except for the attributes of the element itself. */
export const callScenarios: Record<string, BinaryNode> = {
  calloffer: call('offer', CALL, [
    node('audio', { enc: 'opus', rate: '16000' }),
    node('enc', { type: 'msg' }, Buffer.from('cipher')),
  ]),
  callaccept: call('accept', CALL),
  callterm: call('terminate', { ...CALL, reason: 'timeout' }),
  calloffernotice: call('offer_notice', { ...CALL, media: 'audio', type: 'group' }),
  callrelay: call('relaylatency', CALL),
}
