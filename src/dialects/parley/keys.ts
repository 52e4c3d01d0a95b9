import { z } from 'zod'
import {
  del,
  type Endpoint,
  get,
  post,
  type Reply,
  type ReplyContext,
  reply,
} from '../../http/endpoint/endpoint.ts'
import { requiredText, textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import { describeSelf, type Self } from '../../operations/keys/self.ts'
import { createKey, ownKeys, removeKey } from '../../operations/keys/user-keys.ts'
import type { UserKey } from '../../store/users/user-keys.ts'
import { forUser } from './for-user.ts'
import { doneReply } from './targets.ts'

const powers = ['read', 'send'] as const
const instant = z.int().describe('Unix milliseconds, like the other instants')

const key = z.object({
  id: z.string(),
  name: z.string(),
  power: z
    .enum(powers)
    .describe('read: sees, and changes nothing; send: sends and marks as read, and sees no messages'),
  maskedKey: z.string().describe('Its beginning and its end, to recognise it'),
  createdAt: instant,
  lastUsedAt: instant.nullable().describe('To the hour; null before the first use'),
  expiresAt: instant.nullable().describe('Null for a key that lasts until it is removed'),
})

const view = ({ userId: _, ...shown }: UserKey): z.infer<typeof key> => shown

const keyList: Reply<UserKey[]> = reply(z.object({ keys: z.array(key) }), (keys: UserKey[]) => ({
  keys: keys.map(view),
}))

const newKeyReply: Reply<{ key: UserKey; secret: string }> = reply(
  key.extend({ key: z.string().describe('To be kept: it is shown here and never again') }),
  ({ key: made, secret }: { key: UserKey; secret: string }) => ({ ...view(made), key: secret }),
  { status: 201 },
)

const newKey = z.object({
  name: requiredText('missing name', limits.name).describe('What it is for'),
  power: z.enum(powers, `power must be one of ${powers.join(', ')}`),
  expiresAt: z
    .int('expiresAt must be an instant in Unix milliseconds')
    .nullish()
    .describe('In Unix milliseconds; left out for a key that lasts until it is removed'),
})

function keyOf({ name, power, expiresAt }: z.infer<typeof newKey>) {
  return { name, power, expiresAt: expiresAt ?? null }
}

const named = z.object({ key: textUpTo(limits.name, z.string()).describe('Id of the key') })
const ofUser = z.object({ id: textUpTo(limits.name, z.string()).describe('Id of the user') })

const selfReply: Reply<Self> = reply(
  z.object({
    id: z.string(),
    name: z.string(),
    jid: z.string().describe('JID of the linked account, empty before it is linked'),
    power: z.enum(['read', 'send', 'full']).describe('full: the token of the user'),
    key: z.string().optional().describe('Name of the key that was shown, where it is not the token'),
    login: z.string().optional().describe('Name of the support login that looks, where it is one'),
    features: z
      .array(z.string())
      .describe('What this server has switched on for the user: calls, history, s3'),
  }),
  (self: Self, context: ReplyContext) => ({ ...self, ...bearer(context) }),
)

/** How much whoever asks may do, and by which name that is known. */
function bearer({ caller }: ReplyContext) {
  if (caller.kind !== 'user') return { power: 'full' }
  const { power, key: shown, login } = caller
  return { power, ...(shown && { key: shown.name }), ...(login && { login: login.name }) }
}

export const ownKeyEndpoints: Endpoint[] = [
  get('/me', {
    summary: 'Who you are, and how much the key that you show may do',
    needs: 'stored',
    power: 'any',
    run: describeSelf,
    reply: selfReply,
  }),

  get('/me/keys', {
    summary: 'The keys that may do less than the token',
    needs: 'stored',
    power: 'full',
    run: ownKeys,
    reply: keyList,
  }),

  post('/me/keys', {
    summary: 'Make a key that may do less than the token; it is shown once',
    needs: 'stored',
    body: newKey,
    run: createKey,
    input: ({ body }) => keyOf(body),
    reply: newKeyReply,
  }),

  del('/me/keys/{key}', {
    summary: 'Remove a key; what was opened with it ends',
    needs: 'stored',
    params: named,
    run: removeKey,
    input: ({ params }) => params.key,
    reply: doneReply,
  }),
]

const keysOfUser = forUser(ownKeys)
const createKeyOfUser = forUser(createKey)
const removeKeyOfUser = forUser(removeKey)

/** The same for administrators, who name the user. */
export const userKeyEndpoints: Endpoint[] = [
  get('/users/{id}/keys', {
    summary: 'The keys of a user that may do less than the token',
    needs: 'none',
    params: ofUser,
    run: keysOfUser,
    input: ({ params }) => ({ userId: params.id, input: undefined }),
    reply: keyList,
  }),

  post('/users/{id}/keys', {
    summary: 'Make a key for a user that may do less than the token; it is shown once',
    needs: 'none',
    params: ofUser,
    body: newKey,
    run: createKeyOfUser,
    input: ({ params, body }) => ({ userId: params.id, input: keyOf(body) }),
    reply: newKeyReply,
  }),

  del('/users/{id}/keys/{key}', {
    summary: 'Remove a key of a user',
    needs: 'none',
    params: ofUser.extend(named.shape),
    run: removeKeyOfUser,
    input: ({ params }) => ({ userId: params.id, input: params.key }),
    reply: doneReply,
  }),
]
