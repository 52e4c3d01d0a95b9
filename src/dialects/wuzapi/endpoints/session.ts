import { z } from 'zod'
import type { Principal } from '../../../http/endpoint/dialect.ts'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { stringArray } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { noS3 } from '../../../operations/admin/admin.ts'
import type { UserScope } from '../../../operations/services.ts'
import {
  confirmPasskey,
  pageOf,
  pendingPasskey,
  respondToPasskey,
} from '../../../operations/sessions/passkeys.ts'
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
import type { PendingPasskey } from '../../../whatsapp/session/linking/linking.ts'
import type { PasskeyStage } from '../../../whatsapp/session/linking/passkey-ceremony.ts'
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

const passkeyMembers = {
  passkeyPending: z.boolean().describe('WhatsApp asks for a passkey before it links'),
  publicKey: z.looseObject({}).nullable().describe('What the browser is asked (WebAuthn)'),
  passkeyPage: z
    .string()
    .optional()
    .describe('Where a person goes on, below this server; while it is pending'),
}

/** What of a linking with a passkey is told in a status. */
function passkeyFields(pending: PendingPasskey | undefined) {
  if (!pending) return { passkeyPending: false, publicKey: null }
  return { passkeyPending: true, publicKey: JSON.parse(pending.options), passkeyPage: pageOf(pending) }
}

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
  (status: AccountStatus & WithPasskey, { profile, caller }) => {
    const { user, connected, loggedIn, jid, qrImage, passkey } = hasToken(caller)
      ? status
      : withoutSecrets(status)
    return {
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
      ...passkeyFields(passkey),
    }
  },
)

function hasToken(caller: Principal): boolean {
  return caller.kind !== 'user' || caller.power === 'full'
}

/** What a key with less power than the token sees: neither the token nor what else would let it do more. */
function withoutSecrets(status: AccountStatus & WithPasskey): AccountStatus & WithPasskey {
  const user = { ...status.user, token: '', proxyUrl: '', webhook: '', s3: noS3 }
  return { ...status, user, qrImage: '', passkey: undefined }
}

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

interface WithPasskey {
  passkey?: PendingPasskey
}

async function accountStatus(scope: UserScope): Promise<AccountStatus & WithPasskey> {
  const status = await withWebhook(scope.services, await userStatus(scope))
  return { ...status, passkey: pendingPasskey(scope) }
}

async function codeOrPasskey(session: LiveSession): Promise<{ image: string } & WithPasskey> {
  return { image: await qrCode(session), passkey: session.linking.passkey }
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

/** Refuses what comes while no answer, or no confirmation, is waited for. */
function requirePending(stage: PasskeyStage, text: string) {
  return (scope: UserScope) => {
    if (pendingPasskey(scope)?.stage !== stage) throw new ApiError('invalid_field', { text })
  }
}

const passkeyAnswer = z.object({
  response: z.looseObject({}).nullish().describe('What the browser gave, with whatever members it has'),
})

/** What the browser gave. Throws `missing_field`. */
function answerIn({ response }: z.infer<typeof passkeyAnswer>): { answer: unknown } {
  if (!response || Object.keys(response).length === 0)
    throw new ApiError('missing_field', { text: 'missing response in Payload' })
  return { answer: response }
}

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
    power: 'any',
    run: accountStatus,
    reply: status,
  }),

  get('/session/qr', {
    summary: 'QR code to scan, as a PNG data URL',
    power: 'full',
    run: codeOrPasskey,
    reply: reply(
      z.object({ QRCode: z.string(), ...passkeyMembers }),
      ({ image, passkey }: { image: string } & WithPasskey) => ({ QRCode: image, ...passkeyFields(passkey) }),
    ),
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
    power: 'full',
    run: (scope: UserScope) => pendingPasskey(scope),
    reply: reply(z.object(passkeyMembers), passkeyFields),
  }),

  post('/session/passkey-response', {
    summary: 'Answer a passkey request',
    needs: 'stored',
    before: requirePending('required', 'no pending passkey request'),
    body: passkeyAnswer,
    run: respondToPasskey,
    input: ({ body }) => answerIn(body),
    reply: reply(z.object({ status: z.string() }), () => ({ status: 'passkey_response_sent' })),
  }),

  post('/session/passkey-confirm', {
    summary: 'Confirm the code of a passkey',
    needs: 'stored',
    before: requirePending('confirm', 'no pending passkey confirmation'),
    run: (scope: UserScope) => confirmPasskey(scope),
    reply: reply(z.object({ status: z.string() }), () => ({ status: 'passkey_confirmed' })),
  }),
]
