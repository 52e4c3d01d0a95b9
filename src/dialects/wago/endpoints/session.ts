import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { listUpTo, text, textUpTo } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import type { UserScope } from '../../../operations/services.ts'
import { refuseWhilePasskey } from '../../../operations/sessions/passkeys.ts'
import {
  connect,
  connectToPair,
  disconnect,
  isConnected,
  logout,
  qrCode,
  requirePairable,
} from '../../../operations/sessions/sessions.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { existing } from '../events/names.ts'
import { type Account, changeOwnWebhook, readAccount, readOwnWebhook } from '../shapes/account.ts'
import { required } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

/** Classes of events: a list, or one text with commas. */
const subscribe = z
  .union([
    textUpTo(limits.events, z.string()),
    listUpTo(limits.list, z.array(textUpTo(limits.name, z.string()))),
  ])
  .default([])
  .transform((given) => existing(typeof given === 'string' ? given.split(',') : given))
  .describe(
    'Classes of events for the webhook; the present ones stay when empty, and a new session gets `All`',
  )

const phone = text(limits.address).describe('Link by a code to type on this phone instead of scanning')

interface ConnectOrder {
  classes: string[]
  wait: boolean
  phone: string
}

/** A session that was started, with the code to type where one was wanted. */
type Started = Account & { linkingCode: string }

async function start(scope: UserScope, { classes, wait, phone }: ConnectOrder): Promise<Started> {
  if (isConnected(scope) && phone === '') throw new ApiError('already_connected')
  if (phone !== '') requirePairable(scope, phone)
  await subscribeTo(scope, classes)
  const linkingCode = phone === '' ? '' : await connectToPair(scope, phone)
  if (phone === '') await connect(scope, { wait })
  return { ...(await readAccount(scope)), linkingCode }
}

/** The code; while a linking waits for a passkey there is none, and the refusal says where to go on. */
async function codeToScan(session: LiveSession): Promise<string> {
  refuseWhilePasskey(session)
  return qrCode(session)
}

async function pair(scope: UserScope, order: Pick<ConnectOrder, 'classes' | 'phone'>): Promise<string> {
  return (await start(scope, { ...order, wait: true })).linkingCode
}

async function subscribeTo(scope: UserScope, classes: string[]): Promise<void> {
  const { events: present } = await readOwnWebhook(scope)
  await changeOwnWebhook(scope, { events: classes.join(',') || present || 'All' })
}

/** Throws `no_session` for a session that never ran and has no phone. */
async function statusOf(scope: UserScope): Promise<Account> {
  const account = await readAccount(scope)
  if (account.jid === '' && !account.connected) scope.services.sessions.live(scope.user.id)
  return account
}

export const sessionEndpoints: Endpoint[] = [
  post('/session/connect', {
    summary: 'Connect to WhatsApp; a new session gets a QR code to scan',
    needs: 'stored',
    body: z.object({
      Subscribe: subscribe,
      Immediate: z.boolean().optional().describe('true: do not wait up to ten seconds for the connection'),
      Phone: phone,
    }),
    run: start,
    input: ({ body }) => ({ classes: body.Subscribe, wait: body.Immediate !== true, phone: body.Phone }),
    reply: reply(
      z.object({
        details: z.string(),
        events: z.string(),
        jid: z.string(),
        webhook: z.string(),
        LinkingCode: z.string().optional().describe('Where `Phone` was given'),
      }),
      ({ webhook, jid, linkingCode }: Started) => ({
        details: 'Connected!',
        events: webhook.events,
        jid,
        webhook: webhook.url,
        ...(linkingCode !== '' && { LinkingCode: linkingCode }),
      }),
    ),
  }),

  post('/session/pair', {
    summary: 'Get a code to type on the phone instead of scanning; connects first',
    needs: 'stored',
    body: z.object({
      Phone: required('Phone', limits.address).describe('Number of the phone, with country code'),
      Subscribe: subscribe,
      Immediate: z.boolean().optional().describe('Has no effect: a code needs a connection'),
    }),
    run: pair,
    input: ({ body }) => ({ classes: body.Subscribe, phone: body.Phone }),
    reply: reply(z.object({ LinkingCode: z.string() }), (code: string) => ({ LinkingCode: code })),
  }),

  post('/session/disconnect', {
    summary: 'Disconnect and stay linked to the phone',
    needs: 'stored',
    run: disconnect,
    reply: done('Disconnected'),
  }),

  post('/session/logout', {
    summary: 'Unlink the phone; the next connection needs a QR code',
    needs: 'stored',
    run: logout,
    reply: done('Logged out'),
  }),

  get('/session/status', {
    summary: 'Tell whether the session is connected and linked',
    needs: 'stored',
    power: 'any',
    run: statusOf,
    reply: reply(
      z.object({
        Connected: z.boolean(),
        LoggedIn: z.boolean(),
        Jid: z.object({ User: z.string(), Server: z.string() }),
        Events: z.string(),
      }),
      ({ connected, loggedIn, jid, webhook }: Account) => {
        const [User = '', Server = ''] = jid.split('@')
        return { Connected: connected, LoggedIn: loggedIn, Jid: { User, Server }, Events: webhook.events }
      },
    ),
  }),

  get('/session/qr', {
    summary: 'QR code to scan, as a PNG data URL',
    power: 'full',
    run: codeToScan,
    reply: reply(z.object({ QRCode: z.string() }), (image: string) => ({ QRCode: image })),
  }),
]
