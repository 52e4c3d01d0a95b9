import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialects, operators } from '../../src/dialects/index.ts'
import type { Endpoint } from '../../src/http/endpoint/endpoint.ts'
import { mountsOf } from '../../src/http/endpoint/mounts.ts'
import { openApiPath } from '../../src/http/server/openapi.ts'
import { ADMIN_TOKEN, type LinkedUser, TestApp } from '../helpers/app.ts'
import { databaseKinds } from '../helpers/database.ts'
import { declaredBody } from '../http/declared-body.ts'

const TEXTS = ['x\0y', '\0', '4915550001111\0', '4915550001111@s.whatsapp.net\0', '120363000000000001\0@g.us']
const AT_ONCE = 4
/** What is not answered by then waits for WhatsApp, and has left the database behind. */
const PATIENCE_MS = 5_000
/** Words of statements and of drivers. */
const SQL = /\b(insert into|delete from|update ["`]|select ["`*]|where ["`])|sqlite_|byte sequence|22021/i

const routes = [...mountsOf(dialects, []).filter(({ base }) => base !== '/'), operators].flatMap(
  ({ dialect, base }) =>
    dialect.groups.flatMap(({ security, endpoints }) => {
      const scheme: { name?: string } = dialect.securitySchemes[security] ?? {}
      return endpoints.map((endpoint) => ({ base, endpoint, security, header: scheme.name ?? 'Token' }))
    }),
)

describe.each(databaseKinds)('a NUL in any text of a request on %s', (kind) => {
  let app: TestApp
  let user: LinkedUser
  const refused: string[] = []

  beforeAll(async () => {
    app = await TestApp.start({ database: kind })
    user = await app.linkedUser({ history: 10 })
    app.parley.services.db.on('query-error', (error: Error, { sql }: { sql: string }) => {
      refused.push(`${sql}: ${error.message}`)
    })
  }, 120_000)
  afterAll(() => app?.stop())

  test('makes no statement fail, and no answer tells of one', async () => {
    const tellingOfSql: string[] = []
    const left = [...routes]
    const work = async () => {
      for (let route = left.shift(); route; route = left.shift()) {
        const answer = await ask(route)
        if (SQL.test(answer)) tellingOfSql.push(`${route.endpoint.method} ${route.base}: ${answer}`)
      }
    }

    await Promise.all(Array.from({ length: AT_ONCE }, work))

    expect(refused).toEqual([])
    expect(tellingOfSql).toEqual([])
  }, 300_000)

  test.each(['name', 'token'])(
    'is refused in the %s of a user, who could not be called by it',
    async (field) => {
      const body = { name: 'n', token: 't', [field]: 'x\0y' }

      const answer = await app.request('POST', '/admin/users', { admin: true, body })

      expect(answer.status).toBe(400)
      expect(answer.text).toMatch(new RegExp(`${field} must not contain a NUL character`, 'i'))
    },
  )

  async function ask({ base, endpoint, security, header }: (typeof routes)[number]): Promise<string> {
    const query = new URLSearchParams()
    for (const key of ['id', 'phone', 'jid', 'name', 'chat']) query.set(key, 'x\0y')
    const response = await fetch(`${app.url}${base.replace(/\/$/, '')}${pathOf(endpoint)}?${query}`, {
      method: endpoint.method.toUpperCase(),
      headers: { [header]: security === 'admin' ? ADMIN_TOKEN : user.token },
      ...(endpoint.method !== 'get' && { body: JSON.stringify(bodyOf(endpoint)) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch(() => undefined)
    return (await response?.text().catch(() => '')) ?? ''
  }

  /** The caller's own session where the path names one, so that something happens; elsewhere a text. */
  function pathOf(endpoint: Endpoint): string {
    return openApiPath(endpoint.path).replace(/\{(\w+)\}/g, (_whole, name: string) =>
      encodeURIComponent(/session/i.test(name) && endpoint.method !== 'delete' ? user.id : 'x\0y'),
    )
  }

  function bodyOf({ body }: Endpoint): unknown {
    if (body === undefined) return {}
    return fc.sample(declaredBody(body, fc.constantFrom(...TEXTS)), { numRuns: 1, seed: 7 })[0]
  }
})
