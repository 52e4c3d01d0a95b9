import { expect } from 'vitest'
import type { Profile } from './target.ts'

/** What the requests are about; its names stand as `$name` in paths and bodies. */
export interface World {
  contact: string
  group: string
  invite: string
  channel: string
  sent: string
}

interface Success {
  request: string
  body?: unknown
  /** `data`, or the whole answer of those that come without the envelope. */
  data: unknown | ((profile: Profile) => unknown)
  bare?: boolean
  /** What later requests may refer to. */
  gives?: { [Name in keyof World]?: (data: never) => string }
}

const text = expect.any(String)
const flag = expect.any(Boolean)
const sentId = expect.stringMatching(/^3EB0[0-9A-F]{18}$/)
const png =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
const group = expect.objectContaining({
  JID: expect.stringMatching(/@g\.us$/),
  Participants: expect.any(Array),
})
const chosen = (name: string) => ({ Details: name })

const timestamp = (profile: Profile) =>
  profile === 'current'
    ? expect.any(Number)
    : expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/)
const sent =
  (Id: unknown = sentId, Details = 'Sent') =>
  (profile: Profile) => ({ Details, Id, Timestamp: timestamp(profile) })
const send = (kind: string, rest: object, more: Partial<Success> = {}): Success => ({
  request: `POST /chat/send/${kind}`,
  body: { Phone: '$contact', ...rest },
  data: sent(),
  ...more,
})
const s3 = {
  access_key: '***',
  bucket: 'wa',
  enabled: false,
  endpoint: '',
  media_delivery: 'both',
  path_style: false,
  public_url: '',
  region: '',
  retention_days: 7,
}

/** One request of every route that succeeds, in an order in which each finds what it needs. */
export const successes: Success[] = [
  { request: 'POST /webhook', body: { WEBHOOKURL: '', events: ['Message'] }, data: { webhook: '' } },
  { request: 'GET /webhook', data: { subscribe: ['Message'], webhook: '' } },
  {
    request: 'PUT /webhook',
    body: { webhook: 'https://a.example/', events: ['Message', 'Bogus'], active: false },
    data: { active: false, events: ['Message'], webhook: '' },
  },
  { request: 'DELETE /webhook', data: { Details: 'Webhook and events deleted successfully' } },
  { request: 'GET /webhook', data: { subscribe: [''], webhook: '' } },
  {
    request: 'GET /session/status',
    data: expect.objectContaining({
      connected: true,
      loggedIn: true,
      events: '',
      history: '0',
      proxy_url: '',
    }),
  },
  { request: 'GET /session/passkey-status', data: { passkeyPending: false, publicKey: null } },
  {
    request: 'POST /session/history',
    body: { history: 9, days_to_sync_history: 7 },
    data: {
      Details: 'History configured successfully; sync days apply on the next pairing',
      History: 9,
      days_to_sync_history: 7,
    },
  },
  {
    request: 'GET /session/history?count=2',
    data: expect.objectContaining({
      count: 2,
      details: 'History sync request Sent',
      timestamp: expect.any(Number),
    }),
  },
  {
    request: 'POST /session/s3/config',
    body: { bucket: 'wa', media_delivery: 'both', retention_days: 7 },
    data: { Details: 'S3 configuration saved successfully', Enabled: false },
  },
  { request: 'GET /session/s3/config', data: s3 },
  { request: 'DELETE /session/s3/config', data: { Details: 'S3 configuration deleted successfully' } },
  {
    request: 'POST /session/hmac/config',
    body: { hmac_key: 'x'.repeat(32) },
    bare: true,
    data: { Details: 'HMAC configuration saved successfully' },
  },
  { request: 'GET /session/hmac/config', bare: true, data: { hmac_key: '***' } },
  {
    request: 'DELETE /session/hmac/config',
    bare: true,
    data: { Details: 'HMAC configuration deleted successfully' },
  },

  send('text', { Body: 'hello' }, { gives: { sent: ({ Id }: { Id: string }) => Id } }),
  send('text', { Body: 'hello', Id: 'OWN-ID' }, { data: sent('OWN-ID') }),
  send('image', { Image: png, Caption: 'dot' }),
  send('audio', { Audio: 'data:audio/ogg;base64,T2dnUw==' }),
  send('document', { Document: 'data:application/octet-stream;base64,aG9sYQ==', FileName: 'hola.txt' }),
  send('video', { Video: 'data:video/mp4;base64,AAAA' }),
  send('sticker', { Sticker: 'data:image/webp;base64,UklGRgQAAABXRUJQ', MimeType: 'image/webp' }),
  send('location', { Latitude: 48.85837, Longitude: 2.294481, Name: 'Paris' }),
  send('contact', { Name: 'Casa', Vcard: 'BEGIN:VCARD\nEND:VCARD' }),
  send('buttons', { Body: 'pick', Buttons: [{ title: 'one' }] }),
  send('list', { Desc: 'pick', Sections: [{ title: 'a', rows: [{ title: 'b' }] }] }),
  {
    request: 'POST /chat/send/poll',
    body: { group: '$contact', header: 'tea?', options: ['yes', 'no'] },
    data: { Details: 'Poll sent successfully', Id: sentId },
  },
  send('edit', { Body: 'better', Id: '$sent' }, { data: sent(text) }),
  {
    request: 'POST /chat/react',
    body: { Phone: '$contact', Body: '❤️', Id: 'me:$sent' },
    data: sent(text),
  },
  {
    request: 'POST /chat/pin',
    body: { Chat: '$contact', Id: '$sent', DurationSeconds: 86400 },
    data: { Chat: text, Details: 'Message pinned', DurationSeconds: 86400, Id: text, Timestamp: text },
  },
  {
    request: 'POST /chat/pin',
    body: { Chat: '$contact', Id: '$sent', Pin: false },
    data: { Chat: text, Details: 'Message unpinned', Id: text, Timestamp: text },
  },
  { request: 'POST /chat/delete', body: { Phone: '$contact', Id: '$sent' }, data: sent(text, 'Deleted') },
  {
    request: 'POST /chat/presence',
    body: { Phone: '$contact', State: 'composing', Media: 'audio' },
    data: { Details: 'Chat presence set successfuly' },
  },
  {
    request: 'POST /chat/markread',
    body: { Id: ['A'], Chat: '$contact@s.whatsapp.net' },
    data: { Details: 'Message(s) marked as read' },
  },
  {
    request: 'POST /chat/archive',
    body: { jid: '$contact@s.whatsapp.net', archive: true },
    data: { message: 'Chat archived', success: true },
  },
  {
    request: 'POST /chat/request-unavailable-message',
    body: { chat: '$contact@s.whatsapp.net', sender: '$contact@s.whatsapp.net', id: 'A' },
    data: expect.objectContaining({
      message: 'Unavailable message request sent successfully',
      message_id: 'A',
      success: true,
    }),
  },
  {
    request: 'GET /chat/history?chat_jid=$contact@s.whatsapp.net&limit=1',
    data: [expect.objectContaining({ sender_jid: 'me', message_type: text })],
  },

  {
    request: 'POST /user/info',
    body: { Phone: ['$contact'] },
    data: { Users: expect.any(Object) },
  },
  {
    request: 'POST /user/check',
    body: { Phone: ['$contact'] },
    data: { Users: [expect.objectContaining({ IsInWhatsapp: true, Query: text, VerifiedName: '' })] },
  },
  { request: 'GET /user/contacts', data: expect.any(Object) },
  { request: 'POST /user/presence', body: { type: 'available' }, data: chosen('Presence set successfuly') },
  {
    request: 'POST /user/presence/subscribe',
    body: { Phone: '$contact' },
    data: chosen('Presence subscription requested successfully'),
  },
  {
    request: 'POST /user/block',
    body: { Phone: '$contact' },
    data: { Blocklist: [text], DHash: text, Details: 'User blocked', JID: text },
  },
  { request: 'GET /user/blocklist', data: { Blocklist: [text], DHash: text } },
  {
    request: 'POST /user/unblock',
    body: { Phone: '$contact' },
    data: { Blocklist: [], DHash: text, Details: 'User unblocked', JID: text },
  },
  { request: 'GET /user/lid/$contact', data: { jid: text, lid: expect.stringMatching(/@lid$/) } },
  { request: 'GET /user/privacy', data: expect.objectContaining({ LastSeen: text, Online: text }) },
  {
    request: 'POST /user/privacy',
    body: { Name: 'last', Value: 'contacts' },
    data: expect.objectContaining({ LastSeen: 'contacts' }),
  },
  { request: 'POST /status/set/text', body: { Body: 'At sea' }, data: chosen('Set') },
  {
    request: 'POST /call/reject',
    body: { call_from: '$contact', call_id: 'CALL' },
    data: { CallID: 'CALL', Details: 'Call rejected' },
  },

  {
    request: 'POST /group/create',
    body: { NAME: 'Crew', Participants: ['$contact'] },
    data: group,
    gives: { group: ({ JID }: { JID: string }) => JID },
  },
  { request: 'GET /group/list', data: { Groups: [group] } },
  { request: 'GET /group/info?groupJID=$group', data: group },
  {
    request: 'GET /group/invitelink?groupJID=$group',
    data: { InviteLink: expect.stringMatching(/^https:\/\/chat\.whatsapp\.com\/./) },
    gives: { invite: ({ InviteLink }: { InviteLink: string }) => InviteLink },
  },
  { request: 'POST /group/inviteinfo', body: { Code: '$invite' }, data: group },
  {
    request: 'POST /group/name',
    body: { GroupJID: '$group', Name: 'Sailors' },
    data: chosen('Group Name set successfully'),
  },
  {
    request: 'POST /group/topic',
    body: { GroupJID: '$group', Topic: 'Tides' },
    data: chosen('Group Topic set successfully'),
  },
  {
    request: 'POST /group/photo',
    body: { GroupJID: '$group', Image: 'data:image/jpeg;base64,/9j/2Q==' },
    data: { Details: 'Group Photo set successfully', PictureID: expect.stringMatching(/^\d+$/) },
  },
  {
    request: 'POST /user/avatar',
    body: { Phone: '$group' },
    data: expect.objectContaining({ id: text, type: 'image', url: text, direct_path: text }),
  },
  {
    request: 'POST /group/photo/remove',
    body: { GroupJID: '$group' },
    data: chosen('Group Photo removed successfully'),
  },
  {
    request: 'POST /group/announce',
    body: { GroupJID: '$group', Announce: true },
    data: chosen('Group Announce set successfully'),
  },
  {
    request: 'POST /group/locked',
    body: { GroupJID: '$group', locked: true },
    data: chosen('Group Locked setting updated successfully'),
  },
  {
    request: 'POST /group/ephemeral',
    body: { GroupJID: '$group', duration: '24h' },
    data: chosen('Disappearing timer set successfully'),
  },
  {
    request: 'POST /group/joinapprovalmode',
    body: { GroupJID: '$group', mode: true },
    data: chosen('Group join approval mode updated successfully'),
  },
  { request: 'GET /group/requestparticipants?groupJID=$group', data: [] },
  {
    request: 'POST /group/updateparticipants',
    body: { GroupJID: '$group', Phone: ['$contact'], Action: 'promote' },
    data: chosen('Group Participants updated successfully'),
  },
  {
    request: 'POST /group/leave',
    body: { GroupJID: '$group' },
    data: chosen('Group left successfully'),
  },

  {
    request: 'POST /newsletter/create',
    body: { name: 'Tides' },
    data: expect.objectContaining({ id: expect.stringMatching(/@newsletter$/) }),
    gives: { channel: ({ id }: { id: string }) => id },
  },
  {
    request: 'POST /newsletter/mute',
    body: { NewsletterJID: '$channel', Mute: true },
    data: chosen('Newsletter mute status changed successfully'),
  },
  {
    request: 'GET /newsletter/list',
    data: { Newsletter: [expect.objectContaining({ state: { type: 'active' } })] },
  },

  { request: 'POST /session/disconnect', data: chosen('Disconnected') },
  {
    request: 'POST /session/proxy',
    body: { enable: true, proxy_url: 'socks5://127.0.0.1:1', webhook_use_proxy: false },
    data: {
      Details: 'Proxy configured successfully',
      ProxyURL: 'socks5://127.0.0.1:1',
      webhook_use_proxy: false,
    },
  },
  { request: 'POST /session/proxy', body: {}, data: chosen('Proxy disabled successfully') },
  {
    request: 'POST /session/connect',
    body: { Subscribe: ['Message', 'Bogus', 'Message'], Immediate: false },
    data: { details: 'Connected!', events: 'Message', jid: text, webhook: '' },
  },
  {
    request: 'GET /session/status',
    data: expect.objectContaining({ connected: flag, loggedIn: true, events: 'Message' }),
  },
  { request: 'POST /session/logout', data: chosen('Logged out') },
]
