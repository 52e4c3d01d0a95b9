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
import { listUpTo, requiredText, textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import {
  allLogins,
  createLogin,
  removeLogin,
  type SeenUser,
  seenUsers,
} from '../../operations/keys/logins.ts'
import type { Login } from '../../store/users/logins.ts'
import { doneReply } from './targets.ts'

const instant = z.int().describe('Unix milliseconds, like the other instants')

const login = z.object({
  id: z.string(),
  name: z.string().describe('What the log calls it'),
  power: z.enum(['support']).describe('support: looks at users, and changes nothing'),
  maskedKey: z.string().describe('The beginning and the end of its key'),
  userIds: z.array(z.string()).nullable().describe('The users it sees; null for all'),
  createdAt: instant,
  lastUsedAt: instant.nullable().describe('To the hour; null before the first use'),
  expiresAt: instant.nullable().describe('Null for a login that lasts until it is removed'),
})

const seenUser = z.object({
  id: z.string(),
  name: z.string(),
  jid: z.string().describe('JID of the linked account, empty before it is linked'),
  connected: z.boolean(),
  loggedIn: z.boolean(),
})

/** For administrators. */
export const loginEndpoints: Endpoint[] = [
  get('/logins', {
    summary: 'The logins that look at users and change nothing',
    needs: 'none',
    power: 'full',
    run: allLogins,
    reply: reply(z.object({ logins: z.array(login) }), (logins: Login[]) => ({ logins })),
  }),

  post('/logins', {
    summary: 'Make a login that looks at users and changes nothing; its key is shown once',
    needs: 'none',
    body: z.object({
      name: requiredText('missing name', limits.name).describe('Of the person: the log says who looked'),
      userIds: listUpTo(limits.list, z.array(textUpTo(limits.name, z.string())))
        .nullish()
        .describe('The users it sees; all when left out'),
      expiresAt: z
        .int('expiresAt must be an instant in Unix milliseconds')
        .nullish()
        .describe('In Unix milliseconds; left out for a login that lasts until it is removed'),
    }),
    run: createLogin,
    input: ({ body }) => ({
      name: body.name,
      userIds: body.userIds ?? null,
      expiresAt: body.expiresAt ?? null,
    }),
    reply: reply(
      login.extend({ key: z.string().describe('To be kept: it is shown here and never again') }),
      ({ login: made, secret }: { login: Login; secret: string }) => ({ ...made, key: secret }),
      { status: 201 },
    ),
  }),

  del('/logins/{id}', {
    summary: 'Remove a login',
    needs: 'none',
    params: z.object({ id: textUpTo(limits.name, z.string()) }),
    run: removeLogin,
    input: ({ params }) => params.id,
    reply: doneReply,
  }),
]

/** For administrators and for logins. */
export const seenUserEndpoints: Endpoint[] = [
  get('/users', {
    summary:
      'The users with the state of their sessions, without tokens and settings; a login gets those it sees',
    needs: 'none',
    power: 'read',
    run: seenUsers,
    input: (_parts, { caller }: ReplyContext) => (caller.kind === 'login' ? caller.login.userIds : null),
    reply: reply(z.object({ users: z.array(seenUser) }), (users: SeenUser[]) => ({ users })) as Reply<
      SeenUser[]
    >,
  }),
]
