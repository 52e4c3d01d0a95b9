import { z } from 'zod'
import { del, type Endpoint, get, post, put, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, integer, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import {
  allUsers,
  createUser,
  editUser,
  existingUser,
  type NewUser,
  noS3,
  refuseTakenToken,
  usersWithId,
} from '../../../operations/admin/admin.ts'
import {
  type Removed,
  removeUser,
  removeUserAndFiles,
  STILL_LINKED,
} from '../../../operations/admin/removals.ts'
import type { Services } from '../../../operations/services.ts'
import type { WebhookPatch } from '../../../store/delivery/webhooks.ts'
import type { User } from '../../../store/users/users.ts'
import { checkedList } from '../events/subscriptions.ts'
import { slot } from '../events/webhook.ts'
import { type Account, type AccountStatus, ownAccount, withWebhook, withWebhooks } from '../shapes/account.ts'
import { proxyShape, proxyView, s3Shape, s3View } from '../shapes/settings-view.ts'

/** Every answer of a writing admin route says so; the reading ones do not. */
const contentType = 'application/json; charset=utf-8'
const undecodable = 'invalid request payload'
const MIN_HMAC_KEY_BYTES = 32

const userParams = z.object({ id: z.string() })

// Unlike in /session/s3/config the names have no underscores.
const s3Config = z.object({
  enabled: bool(),
  endpoint: text(limits.url),
  region: text(limits.name),
  bucket: text(limits.name),
  accessKey: text(limits.secret),
  secretKey: text(limits.secret),
  pathStyle: bool(),
  publicURL: text(limits.url),
  mediaDelivery: text(),
  retentionDays: integer(),
})

const settings = {
  name: text(limits.name),
  token: text(limits.secret),
  webhook: text(limits.url),
  expiration: integer().describe('Kept, never enforced'),
  events: text(limits.events).describe('Names separated by commas'),
  proxyConfig: z
    .object({ enabled: bool(), proxyURL: text(limits.url), webhookUseProxy: z.boolean().optional() })
    .optional(),
  s3Config: s3Config.optional(),
  history: integer().describe('Messages kept per chat'),
  days_to_sync_history: z
    .int()
    .optional()
    .describe('Days of history to ask for when a phone is linked, 0 to 365'),
  profile: text().describe(
    "`reference` or `current`: how this user is answered; the server's setting when empty",
  ),
}

const createBody = z.object({ ...settings, hmacKey: text(limits.secret) })
const editBody = z.object(settings)

const userMembers = {
  id: z.string(),
  name: z.string(),
  token: z.string(),
  webhook: z.string(),
  events: z.string(),
  expiration: z.int(),
  history: z.int(),
  days_to_sync_history: z.int(),
  proxy_config: proxyShape,
  s3_config: s3Shape,
}

function userView(user: Account): object {
  return {
    id: user.id,
    name: user.name,
    token: user.token,
    webhook: user.webhook,
    events: user.events,
    expiration: user.expiration,
    history: user.history,
    days_to_sync_history: user.daysToSyncHistory,
    proxy_config: proxyView(user),
    s3_config: s3View(user),
  }
}

const users = reply(
  z.array(
    z.object({
      ...userMembers,
      jid: z.string(),
      qrcode: z.string(),
      connected: z.boolean(),
      loggedIn: z.boolean(),
      proxy_url: z.string(),
    }),
  ),
  (statuses: AccountStatus[]) =>
    statuses.map(({ user, connected, loggedIn, jid, qrImage }) => ({
      ...userView(user),
      jid,
      qrcode: qrImage,
      connected,
      loggedIn,
      proxy_url: user.proxyUrl,
    })),
)

const created = reply(
  z.object({ ...userMembers, hmac_key: z.boolean() }),
  (user: Account) => ({ ...userView(user), hmac_key: user.hmacKey !== '' }),
  { status: 201 },
)

const updated = reply(
  z.object({ code: z.literal(200), message: z.string(), success: z.literal(true) }),
  () => ({ code: 200, message: 'user updated successfully', success: true }),
  { bare: true },
)

/** Answers of the two ways to remove a user carry a sentence, and what became of the phone, beside their data. */
function removed(shape: z.ZodType, sentence: string, data: (user: User) => object) {
  return reply(
    z.object({
      code: z.literal(200),
      data: shape,
      details: z.string(),
      success: z.literal(true),
      unlinked: z.enum(['yes', 'not_linked', 'unreachable']).describe('Whether the phone has been told'),
    }),
    ({ user, unlinked }: Removed) => ({
      code: 200,
      data: data(user),
      details: unlinked === 'unreachable' ? `${sentence}; ${STILL_LINKED}` : sentence,
      success: true,
      unlinked,
    }),
    { bare: true },
  )
}

async function allAccounts(services: Services): Promise<AccountStatus[]> {
  return withWebhooks(services, await allUsers(services))
}

async function accountsWithId(services: Services, id: string): Promise<AccountStatus[]> {
  const statuses = await usersWithId(services, id)
  return Promise.all(statuses.map((status) => withWebhook(services, status)))
}

interface Draft {
  settings: NewUser
  webhook: WebhookPatch
  /** Checked only when the token, or the user to change, has been. */
  events: string
}

async function createCheckedUser(services: Services, draft: Draft): Promise<Account> {
  const { settings, webhook, events } = draft
  await refuseTakenToken(services, settings.token ?? '')
  const patch = { ...webhook, events: checkedList(events) }
  const user = await createUser(services, settings, { target: slot, patch })
  return ownAccount({ user, services })
}

async function editCheckedUser(
  services: Services,
  { id, settings, webhook, events }: Draft & { id: string },
): Promise<User> {
  await existingUser(services, id)
  const changed = { ...webhook, ...(events !== '' && { events: checkedList(events) }) }
  const isWebhookChanged = Object.keys(changed).length > 0
  if (Object.keys(settings).length === 0 && !isWebhookChanged)
    throw new ApiError('invalid_field', { text: 'no fields to update' })
  return editUser(services, {
    id,
    patch: settings,
    ...(isWebhookChanged && { webhook: { target: slot, patch: changed } }),
  })
}

function newUser(body: z.infer<typeof createBody>): Draft {
  checkDays(body.days_to_sync_history)
  if (body.hmacKey !== '') checkHmacKey(body.hmacKey)
  const { webhookUseProxy } = body.proxyConfig ?? {}
  return {
    settings: {
      name: body.name,
      token: body.token,
      expiration: body.expiration,
      history: body.history,
      daysToSyncHistory: body.days_to_sync_history ?? 0,
      profile: profileNamed(body.profile),
      // wuzapi ignores `enabled` here: an address given is an address used.
      proxyUrl: body.proxyConfig?.proxyURL ?? '',
      ...(webhookUseProxy !== undefined && { webhookUseProxy }),
      ...(body.s3Config && s3Settings(body.s3Config)),
    },
    webhook: { url: body.webhook, hmacKey: body.hmacKey },
    events: body.events,
  }
}

/** Only what is neither empty nor zero counts as a change, except the days of history. */
function changes(body: z.infer<typeof editBody>): Draft {
  checkDays(body.days_to_sync_history)
  const { proxyConfig, s3Config } = body
  return {
    settings: {
      ...(body.name !== '' && { name: body.name }),
      ...(body.token !== '' && { token: body.token }),
      ...(body.expiration !== 0 && { expiration: body.expiration }),
      ...(body.history !== 0 && { history: body.history }),
      ...(body.days_to_sync_history !== undefined && { daysToSyncHistory: body.days_to_sync_history }),
      ...(proxyConfig && { proxyUrl: proxyConfig.enabled ? proxyConfig.proxyURL : '' }),
      ...(proxyConfig?.webhookUseProxy !== undefined && { webhookUseProxy: proxyConfig.webhookUseProxy }),
      ...(s3Config && s3Settings(s3Config)),
      ...(body.profile !== '' && { profile: profileNamed(body.profile) }),
    },
    webhook: body.webhook === '' ? {} : { url: body.webhook },
    events: body.events,
  }
}

function profileNamed(word: string): User['profile'] {
  if (word === '' || word === 'reference' || word === 'current') return word
  throw new ApiError('invalid_field', { text: "profile must be 'reference' or 'current'" })
}

function s3Settings({ publicURL, mediaDelivery, ...config }: z.infer<typeof s3Config>): NewUser {
  return { s3: { ...noS3, ...config, publicUrl: publicURL }, mediaDelivery: delivery(mediaDelivery) }
}

/** wuzapi stores any word and delivers no media for one it does not know; here that is the documented default. */
function delivery(word: string): User['mediaDelivery'] {
  return word === 's3' || word === 'both' ? word : 'base64'
}

/** Throws `invalid_field` for days WhatsApp cannot be asked for. */
export function checkDays(days: number | undefined): void {
  if (days !== undefined && (days < 0 || days > 365)) {
    throw new ApiError('invalid_field', { text: 'days_to_sync_history must be between 0 and 365' })
  }
}

/** Throws `invalid_field` for a key too short to sign with. */
export function checkHmacKey(key: string): void {
  if (Buffer.byteLength(key) < MIN_HMAC_KEY_BYTES) {
    throw new ApiError('invalid_field', { text: 'HMAC key must be at least 32 characters long' })
  }
}

export const adminEndpoints: Endpoint[] = [
  get('/admin/users', {
    summary: 'List all users',
    needs: 'none',
    run: allAccounts,
    reply: users,
  }),

  get('/admin/users/{id}', {
    summary: 'Show one user, as a list of one or none',
    needs: 'none',
    params: userParams,
    run: accountsWithId,
    input: ({ params }) => params.id,
    reply: users,
  }),

  post('/admin/users', {
    summary: 'Create a user',
    needs: 'none',
    body: createBody,
    undecodable,
    run: createCheckedUser,
    input: ({ body }) => newUser(body),
    reply: created,
    contentType,
  }),

  put('/admin/users/{id}', {
    summary: 'Change some settings of a user',
    needs: 'none',
    params: userParams,
    body: editBody,
    undecodable,
    run: editCheckedUser,
    input: ({ body, params }) => ({ ...changes(body), id: params.id }),
    reply: updated,
    contentType,
  }),

  del('/admin/users/{id}', {
    summary: 'Delete a user; its session ends and its token stops working',
    needs: 'none',
    params: userParams,
    run: (services: Services, id: string) => removeUser(services, id),
    input: ({ params }) => params.id,
    reply: removed(z.object({ id: z.string() }), 'user deleted successfully', ({ id }) => ({ id })),
    contentType,
  }),

  del('/admin/users/{id}/full', {
    summary: 'Delete a user with its session and everything kept for it',
    needs: 'none',
    params: userParams,
    run: removeUserAndFiles,
    input: ({ params }) => params.id,
    reply: removed(
      z.object({ id: z.string(), jid: z.string(), name: z.string() }),
      'user instance removed completely',
      ({ id, jid, name }) => ({ id, jid, name }),
    ),
    contentType,
  }),
]
