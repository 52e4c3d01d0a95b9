import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { stringArray } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import type { UserScope } from '../../../operations/services.ts'
import {
  type ConnectRequest,
  connect,
  disconnect,
  isConnected,
  logout,
  pairByPhone,
  qrCode,
  userStatus,
} from '../../../operations/sessions/sessions.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { existing } from '../events/subscriptions.ts'
import {
  type Account,
  type AccountStatus,
  changeOwnWebhook,
  ownAccount,
  readOwnWebhook,
  withWebhook,
} from '../shapes/account.ts'
import { details, required } from '../shapes/fields.ts'
import { proxyShape, proxyView, s3Shape, s3View } from '../shapes/settings-view.ts'

/** Linking by passkey is never asked for here, so nothing of it is ever pending. */
const noPasskey = { passkeyPending: false, publicKey: null }
const passkeyMembers = { passkeyPending: z.boolean(), publicKey: z.null() }

const connected = reply(
  z.object({ details: z.string(), events: z.string(), jid: z.string(), webhook: z.string() }),
  ({ events, jid, webhook }: Account) => ({ details: 'Connected!', events, jid, webhook }),
)

const status = reply(
  z.object({
    Connected: z.boolean().optional().describe('Reference profile only'),
    LoggedIn: z.boolean().optional().describe('Reference profile only'),
    connected: z.boolean(),
    loggedIn: z.boolean(),
    id: z.string(),
    name: z.string(),
    token: z.string(),
    jid: z.string(),
    webhook: z.string(),
    events: z.string(),
    qrcode: z.string(),
    history: z.string(),
    days_to_sync_history: z.int(),
    hmac_configured: z.boolean(),
    proxy_url: z.string(),
    proxy_config: proxyShape,
    s3_config: s3Shape,
    ...passkeyMembers,
  }),
  ({ user, connected, loggedIn, jid, qrImage }: AccountStatus, { profile }) => ({
    ...(profile === 'reference' && { Connected: connected, LoggedIn: loggedIn }),
    connected,
    loggedIn,
    id: user.id,
    name: user.name,
    token: user.token,
    jid,
    webhook: user.webhook,
    events: user.events,
    qrcode: qrImage,
    history: String(user.history),
    days_to_sync_history: user.daysToSyncHistory,
    hmac_configured: user.hmacKey !== '',
    proxy_url: user.proxyUrl,
    proxy_config: proxyView(user),
    s3_config: s3View(user),
    ...noPasskey,
  }),
)

/** Which events a session that is started should tell of. */
interface Subscribing {
  /** New subscriptions; the present ones stay when empty. */
  events: string
  /** Subscriptions of a user who has none, '' to leave it at that. */
  eventsIfNone: string
}

async function connectSubscribed(
  scope: UserScope,
  { events, eventsIfNone, ...request }: Subscribing & ConnectRequest,
): Promise<Account> {
  if (isConnected(scope)) throw new ApiError('already_connected')
  const present = await readOwnWebhook(scope)
  await changeOwnWebhook(scope, { events: events || present.events || eventsIfNone })
  const user = await connect(scope, request)
  return ownAccount({ ...scope, user })
}

async function disconnectUnsubscribed(
  scope: UserScope,
  { clearEvents }: { clearEvents: boolean },
): Promise<void> {
  await disconnect(scope)
  if (clearEvents) await changeOwnWebhook(scope, { events: '' })
}

async function accountStatus(scope: UserScope): Promise<AccountStatus> {
  return withWebhook(scope.services, await userStatus(scope))
}

/** Whatever refuses a pairing code is reported as the caller's mistake. */
async function pairingCode(session: LiveSession, phone: string): Promise<string> {
  try {
    return await pairByPhone(session, phone)
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause
    throw new ApiError(cause.code, { ...cause.details, text: cause.message, status: 400 }, { cause })
  }
}

function nonePending(text: string) {
  return () => {
    throw new ApiError('invalid_field', { text })
  }
}

/** Never reached: `before` refuses, because nothing of a passkey is ever pending. */
function passkeyStep(): void {}

export const sessionEndpoints: Endpoint[] = [
  post('/session/connect', {
    summary: 'Connect to WhatsApp; a new user gets a QR code to scan',
    needs: 'stored',
    body: z.object({
      Subscribe: stringArray({ each: limits.name }).describe(
        'Events to send to the webhook; the present ones stay when empty',
      ),
      Immediate: z
        .boolean()
        .optional()
        .describe('false: answer when there is a connection, within ten seconds'),
    }),
    run: connectSubscribed,
    input: ({ body }, { profile }) => ({
      events: [...new Set(existing(body.Subscribe))].join(','),
      // The reference document means "do not wait" by leaving it out; the code waits.
      wait: body.Immediate === undefined ? profile === 'current' : !body.Immediate,
      eventsIfNone: profile === 'reference' ? 'All' : '',
    }),
    reply: connected,
  }),

  post('/session/disconnect', {
    summary: 'Disconnect and stay linked to the phone',
    needs: 'stored',
    query: z.object({ clear: z.string().optional().describe('true: also drop all subscriptions') }),
    run: disconnectUnsubscribed,
    input: ({ query }) => ({ clearEvents: query.clear === 'true' }),
    reply: reply(details, () => ({ Details: 'Disconnected' })),
  }),

  post('/session/logout', {
    summary: 'Unlink the phone; the next connection needs a QR code',
    needs: 'stored',
    run: logout,
    reply: reply(details, () => ({ Details: 'Logged out' })),
  }),

  get('/session/status', {
    summary: 'State of the session and settings of the user',
    needs: 'stored',
    run: accountStatus,
    reply: status,
  }),

  get('/session/qr', {
    summary: 'QR code to scan, as a PNG data URL',
    run: qrCode,
    reply: reply(z.object({ QRCode: z.string(), ...passkeyMembers }), (image: string) => ({
      QRCode: image,
      ...noPasskey,
    })),
  }),

  post('/session/pairphone', {
    summary: 'Code to type on the phone instead of scanning',
    body: z.object({ Phone: required('Phone', limits.address) }),
    run: pairingCode,
    input: ({ body }) => body.Phone,
    reply: reply(z.object({ LinkingCode: z.string() }), (code: string) => ({ LinkingCode: code })),
  }),

  get('/session/passkey-status', {
    summary: 'Whether WhatsApp asks for a passkey to link',
    needs: 'stored',
    run: passkeyStep,
    reply: reply(z.object(passkeyMembers), () => noPasskey),
  }),

  post('/session/passkey-response', {
    summary: 'Answer a passkey request',
    needs: 'stored',
    before: nonePending('no pending passkey request'),
    run: passkeyStep,
    reply: reply(z.object({ status: z.string() }), () => ({ status: 'passkey_response_sent' })),
  }),

  post('/session/passkey-confirm', {
    summary: 'Confirm the code of a passkey',
    needs: 'stored',
    before: nonePending('no pending passkey confirmation'),
    run: passkeyStep,
    reply: reply(z.object({ status: z.string() }), () => ({ status: 'passkey_confirmed' })),
  }),
]
