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
import type { UserStatus } from '../../../operations/sessions/sessions.ts'
import type { User } from '../../../store/users/users.ts'
import { checkedList } from '../events/subscriptions.ts'
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

function userView(user: User): object {
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
  (statuses: UserStatus[]) =>
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
  (user: User) => ({ ...userView(user), hmac_key: user.hmacKey !== '' }),
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

interface Draft {
  settings: NewUser
  /** Checked only when the token, or the user to change, has been. */
  events: string
}

async function createCheckedUser(services: Services, { settings, events }: Draft): Promise<User> {
  await refuseTakenToken(services, settings.token ?? '')
  return createUser(services, { ...settings, events: checkedList(events) })
}

async function editCheckedUser(
  services: Services,
  { id, settings, events }: Draft & { id: string },
): Promise<User> {
  await existingUser(services, id)
  const patch = { ...settings, ...(events !== '' && { events: checkedList(events) }) }
  if (Object.keys(patch).length === 0) throw new ApiError('invalid_field', { text: 'no fields to update' })
  return editUser(services, { id, patch })
}

function newUser(body: z.infer<typeof createBody>): Draft {
  checkDays(body.days_to_sync_history)
  if (body.hmacKey !== '') checkHmacKey(body.hmacKey)
  const { webhookUseProxy } = body.proxyConfig ?? {}
  return {
    settings: {
      name: body.name,
      token: body.token,
      webhook: body.webhook,
      expiration: body.expiration,
      history: body.history,
      daysToSyncHistory: body.days_to_sync_history ?? 0,
      hmacKey: body.hmacKey,
      profile: profileNamed(body.profile),
      // wuzapi ignores `enabled` here: an address given is an address used.
      proxyUrl: body.proxyConfig?.proxyURL ?? '',
      ...(webhookUseProxy !== undefined && { webhookUseProxy }),
      ...(body.s3Config && s3Settings(body.s3Config)),
    },
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
      ...(body.webhook !== '' && { webhook: body.webhook }),
      ...(body.expiration !== 0 && { expiration: body.expiration }),
      ...(body.history !== 0 && { history: body.history }),
      ...(body.days_to_sync_history !== undefined && { daysToSyncHistory: body.days_to_sync_history }),
      ...(proxyConfig && { proxyUrl: proxyConfig.enabled ? proxyConfig.proxyURL : '' }),
      ...(proxyConfig?.webhookUseProxy !== undefined && { webhookUseProxy: proxyConfig.webhookUseProxy }),
      ...(s3Config && s3Settings(s3Config)),
      ...(body.profile !== '' && { profile: profileNamed(body.profile) }),
    },
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
    run: allUsers,
    reply: users,
  }),

  get('/admin/users/{id}', {
    summary: 'Show one user, as a list of one or none',
    needs: 'none',
    params: userParams,
    run: usersWithId,
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
