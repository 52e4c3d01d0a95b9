import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { allUsers } from '../../../operations/admin/admin.ts'
import { type Removed, STILL_LINKED } from '../../../operations/admin/removals.ts'
import type { Services } from '../../../operations/services.ts'
import { createNamedUser, terminateSession } from '../../../operations/sessions/named-sessions.ts'
import type { User } from '../../../store/users/users.ts'
import { type Account, withWebhooks } from '../shapes/account.ts'
import { missing, required } from '../shapes/fields.ts'

async function allAccounts(services: Services): Promise<Account[]> {
  return withWebhooks(services, await allUsers(services))
}

async function scannedAccounts(services: Services): Promise<Account[]> {
  return (await allAccounts(services)).filter(({ jid }) => jid !== '')
}

export const sessionAdminEndpoints: Endpoint[] = [
  post('/session/init', {
    summary: 'Create a session: a name, and the token its requests carry',
    needs: 'none',
    body: z.object({
      Name: required('Name', limits.name),
      Token: textUpTo(limits.secret, z.string(missing('Token')))
        .transform((token) => token.replace(/\s/g, ''))
        .refine((token) => token !== '', missing('Token'))
        .describe('Spaces are removed'),
      Os: required('Os', limits.name).describe(
        "What the phone shows in its list of linked devices: 'Chrome'",
      ),
    }),
    run: createNamedUser,
    input: ({ body }) => ({ name: body.Name, token: body.Token, deviceName: body.Os }),
    reply: reply(
      z.object({ details: z.string(), name: z.string(), token: z.string(), osName: z.string() }),
      ({ name, token, deviceName: osName }: User) => ({
        details: 'user created successfully',
        name,
        token,
        osName,
      }),
    ),
  }),

  get('/session/all', {
    summary: 'List all sessions',
    needs: 'none',
    run: allAccounts,
    reply: reply(
      z.array(
        z.object({
          Id: z.string(),
          Name: z.string(),
          Token: z.string(),
          Webhook: z.string(),
          Jid: z.string(),
          Events: z.string(),
        }),
      ),
      (accounts: Account[]) =>
        accounts.map(({ user, jid, webhook }) => ({
          Id: user.id,
          Name: user.name,
          Token: user.token,
          Webhook: webhook.url,
          Jid: jid,
          Events: webhook.events,
        })),
    ),
  }),

  post('/session/scanned', {
    summary: 'List the sessions that a phone has been linked to, also those it has unlinked since',
    needs: 'none',
    run: scannedAccounts,
    reply: reply(
      z.array(z.object({ Name: z.string(), Token: z.string(), Jid: z.string() })),
      (accounts: Account[]) =>
        accounts.map(({ user, jid }) => ({ Name: user.name, Token: user.token, Jid: jid })),
    ),
  }),
]

/** What the administrator does to the session that the header `token` names. */
export const sessionDeletionEndpoints: Endpoint[] = [
  post('/session/delete', {
    summary: 'Delete the session that the header `token` names, with all that is kept of it',
    needs: 'stored',
    run: terminateSession,
    reply: reply(
      z.object({ Details: z.string(), Warning: z.string().optional() }),
      ({ unlinked }: Removed) => ({
        Details: 'token deleted',
        ...(unlinked === 'unreachable' && { Warning: STILL_LINKED }),
      }),
    ),
  }),
]
