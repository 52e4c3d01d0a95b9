import { afterEach } from 'vitest'
import { z } from 'zod'
import type { Dialect, MountedDialect, Principal } from '../../src/http/endpoint/dialect.ts'
import { type Endpoint, get, post, reply } from '../../src/http/endpoint/endpoint.ts'
import { type Listening, listen } from '../../src/http/server/listen.ts'
import { createServer, type ServerOptions } from '../../src/http/server/server.ts'
import { ApiError } from '../../src/lib/errors.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import type { Services } from '../../src/operations/services.ts'
import type { User } from '../../src/store/users/users.ts'

/** What these tests need of a session: whose it is. */
export interface TinySession {
  owner: string
}

export const echoed = reply(z.unknown(), (result: unknown) => result)

/** Two users, `ann` and `bob`, whose tokens are their names; only ann has a live session. */
const users = new Map(['ann', 'bob'].map((name) => [name, tinyUser(name)]))

function tinyUser(name: string): User {
  // Authentication and `needs` look at the id only.
  return { id: name, name, token: name } as User
}

async function byToken(head: { header(name: string): string | undefined }): Promise<Principal> {
  const user = users.get(head.header('Token') ?? '')
  if (user === undefined) throw new ApiError('unauthorized')
  return { kind: 'user', user, power: 'full' }
}

/** A dialect with wuzapi's envelope and two groups: endpoints behind a token, and public ones. */
export function tinyDialect(endpoints: Endpoint[], publicEndpoints: Endpoint[] = []): Dialect {
  return {
    name: 'tiny',
    title: 'Tiny',
    groups: [
      { tag: 'Private', security: 'token', authenticate: byToken, endpoints },
      {
        tag: 'Public',
        security: 'none',
        authenticate: async () => ({ kind: 'anyone' }),
        endpoints: publicEndpoints,
      },
    ],
    securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'Token' } },
    ok: (data, status) => ({ code: status, data, success: true }),
    fail: ({ status, message }) => ({ status, body: { code: status, error: message, success: false } }),
    envelope: {
      ok: (data) => ({ type: 'object', properties: { data } }),
      fail: { type: 'object', properties: { error: { type: 'string' } } },
    },
    profile: () => 'only',
    stringify: (body) => `${JSON.stringify(body)}\n`,
    contentType: 'application/json',
  }
}

interface TinyOptions extends ServerOptions {
  base?: string
  /** Other places to serve from. */
  also?: MountedDialect[]
  bodyLimitBytes?: number
  authFailuresPerMinute?: number
  trustProxy?: string[]
  /** Where log lines go; nowhere by default. */
  onLog?: (line: string) => void
}

/** A server of that dialect that does not listen yet. */
export function tinyApp(dialect: Dialect, options: TinyOptions = {}) {
  const { base = '/', also = [], bodyLimitBytes = 1024 * 1024, onLog = () => {}, ...rest } = options
  const { authFailuresPerMinute = 0, trustProxy = [], ...serverOptions } = rest
  // The HTTP layer touches these parts of the services only.
  const services = {
    config: { bodyLimitBytes, authFailuresPerMinute, trustProxy },
    log: createLogger('debug', { write: onLog }),
    // Nothing happens to these users.
    events: { settled: async () => {} },
    sessions: {
      live: async (userId: string): Promise<TinySession> => {
        if (userId !== 'ann') throw new ApiError('no_session')
        return { owner: userId }
      },
    },
  } as unknown as Services
  return createServer(services, [{ dialect, base }, ...also], { strictReplies: true, ...serverOptions })
}

/** A listening server of that dialect; stopped after the test. */
export async function startTiny(dialect: Dialect, options: TinyOptions = {}) {
  const listening = await listen(tinyApp(dialect, options), { host: '127.0.0.1', port: 0 })
  open.push(listening)
  const url = `http://127.0.0.1:${listening.port}`
  return { url, port: listening.port, ask: (path: string, init?: RequestInit) => ask(url + path, init) }
}

const open: Listening[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((listening) => listening.stop(500)))
})

/** Ann's request, unless `init` brings other headers. */
async function ask(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { headers: { Token: 'ann' }, redirect: 'manual', ...init })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text }
}

/** `POST /echo` with that body schema, answering with what the operation received. */
export function echo(body: z.ZodType, more: Partial<Endpoint> = {}): Endpoint {
  return {
    ...post('/echo', {
      summary: 'Echo',
      needs: 'stored',
      body,
      run: async (_scope, input: unknown) => input,
      input: ({ body }) => body,
      reply: echoed,
    }),
    ...more,
  }
}

/** `GET /whoami`, answering with the owner of the live session. */
export const whoami = get('/whoami', {
  summary: 'Who am I',
  run: async (session) => session.user.id,
  reply: echoed,
})
