import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialects as served } from '../../src/dialects/index.ts'
import { openApiDocument } from '../../src/http/server/openapi.ts'
import { type Dialect, dialects } from './conversation.ts'
import { matching } from './matching.ts'
import { Outgoing, partsOf } from './outgoing.ts'
import type { Way } from './sent/way.ts'
import { sentKinds, unsentKinds } from './sent-kinds.ts'

const ways = dialects.flatMap((dialect) =>
  sentKinds.flatMap((kind) => {
    const way = kind[dialect]
    return typeof way === 'string' ? [] : [{ dialect, kind, way, what: kind.name }]
  }),
)

/** What the documents say of a route. */
interface Operation {
  parameters?: { name: string }[]
}

const sendable = ways.filter(({ way }) => way.refused === undefined)
const refused = ways.filter(({ way }) => way.refused !== undefined)
const changes = sendable.filter(
  ({ dialect, kind }) => dialect === 'wuzapi' && kind.attributes.edit !== undefined && !kind.where,
)
/** One of every sort, for the other database. */
const some = sendable.filter(({ what }) =>
  ['text', 'picture', 'answer to a message', 'edit of a caption', 'poll'].includes(what),
)

describe.each([
  ['sqlite', sendable],
  ['postgres', some],
] as const)('what is sent, on %s:', (database, wanted) => {
  let outgoing: Outgoing
  beforeAll(async () => {
    outgoing = await Outgoing.start(database)
  })
  afterAll(() => outgoing.close())

  test.each(wanted)('$dialect sends: $what', async ({ dialect, kind, way }) => {
    const { answer, found, about } = await outgoing.send(dialect, kind, { way })

    expect(answer).toEqual([200, expect.objectContaining(SUCCESS[dialect])])
    const { message, shown, hiddenBecause, attributes } = await found()
    expect(message).toMatchObject({ [kind.member]: matching(kind.holds) })
    expect([shown, hiddenBecause]).toEqual([true, undefined])
    expect(saidOf(attributes)).toEqual(kind.attributes)
    if (kind.becomes) expect((await about())?.text).toBe(kind.becomes)
  })

  test.each(changes)('a copy of what wuzapi sent says the same: $what', async ({ dialect, kind, way }) => {
    const prepare = () => outgoing.all.app.sandbox('POST', '/faults', { kind: 'corrupt-message', times: 1 })

    const { found } = await outgoing.send(dialect, kind, { way, prepare })

    const { attributes, retries } = await found()
    expect([retries, saidOf(attributes)]).toEqual([1, kind.attributes])
  })

  test.each(refused)('$dialect refuses: $what', async ({ dialect, kind, way }) => {
    const { answer } = await outgoing.send(dialect, kind, { way })

    expect([answer[0], JSON.stringify(answer[1])]).toEqual([501, expect.stringContaining(way.refused ?? '')])
  })
})

describe.each(dialects)('the table, for %s', (dialect) => {
  const named = new Set(ways.filter((one) => one.dialect === dialect).map(({ way }) => routeOf(way)))
  const offered = operationsOf(dialect)

  test('names routes that there are', () => {
    expect([...named].filter((route) => !offered.has(route))).toEqual([])
  })

  test('names every route that sends', () => {
    const sending = [...offered]
      .filter(([route, operation]) => sends(route, operation))
      .map(([route]) => route)
    expect(sending.length).toBeGreaterThan(3)
    expect(sending.filter((route) => !named.has(route))).toEqual([])
  })
})

test('each row has a way, or is among those that say why there is none', () => {
  expect(sentKinds.filter((kind) => !ways.some((one) => one.kind === kind))).toEqual([])
  expect(unsentKinds.filter(({ why }) => why === '')).toEqual([])
  const names = [...sentKinds, ...unsentKinds].map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

function routeOf({ route }: Way): string {
  return partsOf(route).join(' ')
}

/** The operations of a dialect's document, by method and path. */
function operationsOf(dialect: Dialect): Map<string, Operation> {
  const found = served.find(({ name }) => name === dialect)
  if (!found) throw new Error(`no dialect ${dialect}`)
  // A document is plain JSON, and its paths are written by this project.
  const paths = openApiDocument(found, '').paths as Record<string, Record<string, Operation>>
  return new Map(
    Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]),
    ),
  )
}

/** What sends can be repeated without sending twice, but for reactions in channels. Calls can, too, and are no messages. */
function sends(route: string, { parameters = [] }: Operation): boolean {
  if (route.startsWith('POST /call/')) return false
  const isRepeatable = parameters.some(({ name }) => name === 'Idempotency-Key')
  return isRepeatable || /^(?!GET).*\/(send(?!Seen|State|Presence)\w*|react\w*|comments?)\b/.test(route)
}

/** What marks an answer as a success; its whole shape is checked where it is rendered. */
const SUCCESS: Record<Dialect, object> = {
  wuzapi: { code: 200, success: true, data: expect.objectContaining({ Details: expect.any(String) }) },
  'wago-api': { success: true },
  wsgo: { status: 'sent', messageID: expect.any(String), timestamp: expect.any(String) },
  wago: { code: 200, success: true, data: expect.objectContaining({ Details: expect.any(String) }) },
  multisession: { status: true, code: 200, message: expect.stringMatching(/^Success/) },
}

const SAID = ['type', 'mediatype', 'edit', 'decrypt-fail', 'polltype', 'event_type']

function saidOf(attributes: Record<string, string>): object {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => SAID.includes(name)))
}
