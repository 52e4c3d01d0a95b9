import { z } from 'zod'
import { createNewsletter } from '../../../../src/operations/channels/newsletters.ts'
import { deviceIdOf, userIdOf } from '../../../../src/operations/customers/device-id.ts'
import { createCommunity } from '../../../../src/operations/groups/communities.ts'
import { bytesOf } from './files.ts'
import { PHONES, type Stage, signedToken } from './stage.ts'

/** What happened before a request while it was recorded, besides requests. */
export interface Happening {
  route: string
  case: string
  happen(stage: Stage): Promise<void>
}

const CAROL = '15550003003'
const ADA = '15550001001'
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
const FOREIGN = '120363000000000007@g.us'

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

function userOf(stage: Stage, letter: string): string {
  const id = userIdOf(stage.bindings.get(`device_${letter}`) ?? '')
  if (id === undefined) throw new Error(`device ${letter} is not there yet`)
  return id
}

function session(stage: Stage, letter: string) {
  return stage.app.parley.services.sessions.live(userOf(stage, letter))
}

function opened(stage: Stage, letter: string): Promise<void> {
  const { sessions } = stage.app.parley.services
  const id = userOf(stage, letter)
  return stage.app
    .waitFor(`device ${letter} to open`, () => sessions.find(id)?.status.loggedIn, 10_000)
    .then(() => {})
}

function closed(stage: Stage, letter: string): Promise<void> {
  const { sessions } = stage.app.parley.services
  const id = userOf(stage, letter)
  return stage.app
    .waitFor(`device ${letter} to close`, () => !sessions.find(id)?.status.loggedIn, 10_000)
    .then(() => {})
}

/** Its session is over, and its keys are gone where the phone has unlinked it. */
function over(stage: Stage, letter: string): Promise<void> {
  const { sessions, db } = stage.app.parley.services
  const id = userOf(stage, letter)
  return stage.app
    .waitFor(
      `device ${letter} to be forgotten`,
      async () => !sessions.find(id) && !(await db('auth').where({ user_id: id, kind: 'creds' }).first()),
      10_000,
    )
    .then(() => {})
}

/** The phone of a device scans the code that is shown. */
async function scan(stage: Stage, letter: string): Promise<void> {
  const id = userOf(stage, letter)
  const qr = await stage.app.waitFor(
    `the code of device ${letter}`,
    () => stage.app.parley.services.sessions.find(id)?.status.qr,
    10_000,
  )
  await stage.control('POST', '/scan', { qr, ...PHONES[letter] })
  await opened(stage, letter)
}

async function link(stage: Stage, letter: string): Promise<void> {
  const token = signedToken({
    device_id: deviceIdOf(userOf(stage, letter)),
    version: 1,
  })
  await stage.app.request('POST', '/devices/me/login', { headers: { Authorization: `Bearer ${token}` } })
  await scan(stage, letter)
}

async function typeCode(stage: Stage, letter: string): Promise<void> {
  await stage.control('POST', '/pair-code', {
    ...PHONES[letter],
    code: stage.bindings.get('pair_code')?.replace('-', ''),
  })
  await opened(stage, letter)
}

/** Asks as device a. */
async function asked(stage: Stage, method: string, path: string, body?: object) {
  const { status, text, json } = await stage.app.request(method, path, {
    headers: {
      Authorization: `Bearer ${stage.bindings.get('jwt_a')}`,
      ...(body && { 'Content-Type': 'application/json' }),
    },
    body,
  })
  if (status !== 200) throw new Error(`${method} ${path} answered ${status}: ${text}`)
  return json
}

/** The message to Carol that the next requests are about. */
async function sendMessage(stage: Stage): Promise<void> {
  const { data } = await asked(stage, 'POST', `/chats/${CAROL}/messages`, { text: 'Original' })
  stage.bindings.set('message_id', data.message_id)
}

async function createAs(stage: Stage, name: string): Promise<void> {
  await asked(stage, 'POST', '/groups', { name, participants: [CAROL] })
}

/** Gives a group a name that is longer than WhatsApp's own apps allow. */
function rename({ sandbox: { network } }: Stage, jid: string): void {
  const group = network.findGroup(jid)
  if (!group) throw new Error(`${jid} is not there`)
  group.subject = 'n'.repeat(101)
}

/** Carol invites Ada, who is not in the group, in a message. */
async function invite({ sandbox: { network } }: Stage): Promise<void> {
  const foreign = network.findGroup(FOREIGN)
  const ada = network.findAccount(ADA)
  if (!foreign || !ada) throw new Error('nobody is there to invite')
  foreign.members.delete(ada)
  foreign.personalInvites.set(ada, { code: 'PERSONALCODE0001', expiresAt: 1_900_000_000 })
}

async function addWebhooks(stage: Stage, urls: string[]): Promise<void> {
  for (const url of urls) await asked(stage, 'POST', '/webhooks', { url, events: ['test.ping'] })
}

/** Tells the webhooks once more, and waits until nothing is on its way to those that are no places to send to. */
async function testWebhooks(stage: Stage): Promise<void> {
  await asked(stage, 'POST', '/webhooks/1/test')
  for (const id of [6, 7, 8, 9, 18])
    await stage.app.waitFor(`the deliveries of webhook ${id}`, async () => {
      const { data } = await asked(stage, 'GET', `/webhooks/${id}/logs`)
      const logs: { Status: string }[] = data.logs ?? []
      return logs.length === 2 && logs.every(({ Status }) => Status === 'failed')
    })
}

/** Leaves the first webhook of the device. */
async function removeWebhooks(stage: Stage): Promise<void> {
  const { data } = await asked(stage, 'GET', '/webhooks')
  const webhooks: { ID: number }[] = data.webhooks
  for (const { ID } of webhooks) if (ID !== 1) await asked(stage, 'DELETE', `/webhooks/${ID}`)
}

async function group(stage: Stage, subject: string, participants: string[]): Promise<void> {
  await stage.control('POST', '/groups', { subject, participants })
}

/** What Carol sends: a text, a poll and a picture. */
async function receiveMessages(stage: Stage): Promise<void> {
  const send = async (name: string, content: object) => {
    const { id } = await stage.control('POST', `/contacts/${CAROL}/send`, { to: ADA, ...content })
    stage.bindings.set(name, String(id))
  }
  await send('message_in', { text: 'Hello' })
  await send('poll_in', { poll: { name: 'Where?', options: ['Yes', 'No'] } })
  await send('media_message_in', { image: true })
  stage.bindings.set('media_key', Buffer.alloc(32, 7).toString('base64'))
}
