import { z } from 'zod'
import { createNewsletter } from '../../../../src/operations/channels/newsletters.ts'
import { createCommunity } from '../../../../src/operations/groups/communities.ts'
import { bytesOf } from './files.ts'
import { PHONES, type Stage } from './stage.ts'
import {
  ADA,
  addWebhooks,
  CAROL,
  closed,
  createAs,
  FOREIGN,
  group,
  invite,
  link,
  opened,
  over,
  receiveMessages,
  removeWebhooks,
  rename,
  scan,
  sendMessage,
  session,
  testWebhooks,
  typeCode,
} from './steps.ts'

/** What happened before a request while it was recorded, besides requests. */
export interface Happening {
  route: string
  case: string
  happen(stage: Stage): Promise<void>
}

const SHOP = '15550006006'
const BUSINESS = {
  name: 'Corner Shop',
  address: 'Main Street 1',
  email: 'shop@example.com',
  category: 'Shopping',
  hours: { mon: { open: 540, close: 1020 } },
  options: { cart_enabled: 'true' },
  link: { code: 'SHOPLINK123456', message: 'Hi' },
}

/** In the order of the recording. */
export const happenings: Happening[] = [
  {
    route: 'PATCH /admin/api-keys/{id}',
    case: 'deactivate',
    async happen(stage) {
      const { json } = await stage.app.request('POST', '/devices', {
        headers: { 'X-API-Key': stage.bindings.get('api_key_5') ?? '', 'Content-Type': 'application/json' },
        body: { device_name: 'One more' },
      })
      stage.bindings.set('device_i', json.data.device_id)
    },
  },
  {
    route: 'POST /devices/token',
    case: 'request 9 of the minute',
    async happen(stage) {
      for (let request = 7; request < 9; request++) await stage.app.request('POST', '/devices/token')
    },
  },
  {
    route: 'POST /devices/me/login-code',
    case: 'no body',
    happen: (stage) => scan(stage, 'a'),
  },
  {
    route: 'GET /devices/me/status',
    case: 'after a failed pairing',
    async happen(stage) {
      await typeCode(stage, 'b')
      await link(stage, 'd')
      await link(stage, 'e')
    },
  },
  {
    route: 'POST /chats/{chat_jid}/messages',
    case: 'reply_to_message_id is ignored',
    happen: receiveMessages,
  },
  {
    route: 'POST /calls/reject',
    case: 'ok',
    async happen(stage) {
      const { callId } = await stage.control('POST', `/contacts/${CAROL}/call`, { to: ADA })
      stage.bindings.set('call_id', String(callId))
    },
  },
  {
    route: 'PATCH /messages/{message_id}',
    case: 'ok',
    happen: (stage) => sendMessage(stage),
  },
  {
    route: 'DELETE /messages/{message_id}',
    case: 'with sender',
    happen: (stage) => sendMessage(stage),
  },
  {
    // This one is refused: nobody is left out silently.
    route: 'POST /groups',
    case: 'no participants',
    happen: (stage) => createAs(stage, 'Few'),
  },
  {
    // The names of groups are held to the limit of WhatsApp.
    route: 'POST /groups',
    case: 'with description',
    async happen(stage) {
      await createAs(stage, 'n')
      rename(stage, '120363000000000004@g.us')
    },
  },
  {
    // Nothing is created with a photo that cannot be read.
    route: 'POST /groups',
    case: 'photo not base64: the group exists all the same',
    happen: (stage) => createAs(stage, 'Pictured'),
  },
  {
    route: 'GET /groups/{group_jid}/participant-requests',
    case: 'two wait',
    async happen(stage) {
      for (const phone of ['4915550005005', '15550007007'])
        await stage.control('POST', '/groups/120363000000000001@g.us/join', { phone })
    },
  },
  {
    route: 'GET /groups/{group_jid}',
    case: 'not a member',
    async happen(stage) {
      await group(stage, 'Others', [CAROL, '15550004004', '4915550005005'])
      const { inviteCode } = await stage.control('GET', `/groups/${FOREIGN}`)
      stage.bindings.set('invite_code_foreign', String(inviteCode))
    },
  },
  {
    route: 'PATCH /groups/{group_jid}/name',
    case: '101 characters',
    happen: async (stage) => rename(stage, '120363000000000001@g.us'),
  },
  {
    route: 'POST /groups/{group_jid}/join-invite',
    case: 'documented keys, personal invitation',
    happen: invite,
  },
  {
    route: 'POST /groups/{group_jid}/join-invite',
    case: 'ok, personal invitation',
    happen: invite,
  },
  {
    route: 'GET /groups/{group_jid}',
    case: 'a community',
    async happen(stage) {
      await group(stage, 'To leave', [CAROL, ADA])
      await createCommunity(session(stage, 'a'), { name: 'Everybody' })
    },
  },
  {
    route: 'GET /users/me/status-privacy',
    case: 'with a chosen audience',
    async happen(stage) {
      const audiences = [{ type: 'blacklist', list: [CAROL] }, { type: 'contacts' }]
      await stage.control('POST', `/contacts/${ADA}/status-audience`, { audiences })
    },
  },
  {
    route: 'GET /users/contact-qr/{code}',
    case: 'ok, own code',
    async happen({ bindings }) {
      bindings.set('contact_code', bindings.get('contact_code')?.replace(/^.*\//, '') ?? '')
    },
  },
  {
    route: 'GET /business/{jid}/profile',
    case: 'ok',
    happen: async (stage) => void (await stage.control('POST', `/contacts/${SHOP}/business`, BUSINESS)),
  },
  {
    route: 'POST /users/me/profile-photo',
    case: 'as base64',
    async happen(stage) {
      stage.bindings.set('base64 of a JPEG', Buffer.from(await bytesOf('JPEG')).toString('base64'))
    },
  },
  {
    route: 'POST /newsletters/{jid}/follow',
    case: 'ok',
    async happen(stage) {
      const { thread_metadata: made } = await createNewsletter(session(stage, 'e'), {
        name: 'Carol daily',
        description: 'News of Carol',
        picture: Buffer.alloc(0),
      })
      const { invite } = z.object({ invite: z.string() }).parse(made)
      stage.bindings.set('channel_invite', invite)
    },
  },
  {
    route: 'POST /webhooks',
    case: 'host without a certificate for it',
    happen: (stage) =>
      addWebhooks(stage, ['https://hooks.example.com/redirect307', 'https://hooks.example.com/redirect302']),
  },
  {
    route: 'POST /webhooks',
    case: 'blank url',
    happen: (stage) => addWebhooks(stage, ['https://[::1]/x']),
  },
  {
    route: 'GET /webhooks/{webhook_id}/logs',
    case: 'http URL',
    happen: testWebhooks,
  },
  {
    route: 'GET /admin/stats',
    case: 'ok',
    happen: removeWebhooks,
  },
  {
    route: 'GET /devices/me/status',
    case: 'just after the connection was cut',
    async happen(stage) {
      await stage.control('POST', '/disconnect', { jid: `${PHONES.e?.phone}:1@s.whatsapp.net`, drop: true })
      await closed(stage, 'e')
      await opened(stage, 'e')
    },
  },
  {
    route: 'GET /devices/me/status',
    case: 'after a refused login',
    happen: (stage) => opened(stage, 'e'),
  },
  {
    route: 'GET /devices/me/status',
    case: 'after the session was taken over',
    async happen(stage) {
      await stage.control('POST', '/disconnect', { jid: `${PHONES.e?.phone}:1@s.whatsapp.net`, code: 440 })
      await closed(stage, 'e')
    },
  },
  {
    route: 'GET /admin/devices',
    case: 'ok, some linked',
    happen: (stage) => opened(stage, 'e'),
  },
  {
    route: 'GET /devices/me/status',
    case: '1.5 s after setting the proxy',
    happen: (stage) => opened(stage, 'e'),
  },
  {
    route: 'GET /devices/me/status',
    case: 'after a restart of the server: linked devices come back by themselves',
    happen: (stage) => stage.restart({}),
  },
  {
    route: 'POST /chats/{chat_jid}/messages',
    case: 'send limit on (60 a minute, burst 2): message 1',
    happen: (stage) =>
      stage.restart({
        WHATSAPP_RATE_LIMIT_ENABLED: 'true',
        WHATSAPP_RATE_LIMIT_MSG_PER_MINUTE: '60',
        WHATSAPP_RATE_LIMIT_BURST_SIZE: '2',
      }),
  },
  {
    route: 'GET /devices/me/status',
    case: 'after the phone unlinked it',
    async happen(stage) {
      await opened(stage, 'e')
      await stage.control('POST', '/unlink', { jid: `${PHONES.e?.phone}:1@s.whatsapp.net` })
      await over(stage, 'e')
    },
  },
  {
    route: 'GET /',
    case: 'HTTP_BASE_URL=/api/v1/: the bare root',
    happen: (stage) =>
      stage.restart({
        HTTP_BASE_URL: '/api/v1/',
        HTTP_BODY_LIMIT_SIZE: '10K',
        HTTP_CORS_ORIGIN: 'https://app.example.com',
        WEBHOOKS_ENABLED: 'false',
      }),
  },
]
