import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RouteRefusals, refusals } from './refusals.ts'
import { combinations, failure, type Reply, Target } from './target.ts'

/** A value of another kind than the field's. */
const WRONG: Record<string, unknown[]> = {
  s: [7, true, [], {}],
  t: ['text', [7], {}],
  b: ['true', 1],
  i: ['1', 1.5, true],
  n: ['1', true],
  o: ['text', 7, []],
  l: ['text', {}, ['text']],
  x: ['%%%', 'data:image/png;base64,eA==', 7],
}

describe.each(combinations)('profile $profile on $database', ({ database, profile }) => {
  let target: Target
  let token: string
  beforeAll(async () => {
    target = await Target.start(profile, database)
    token = (await target.linkedPair('447900000901')).token
  })
  afterAll(() => target.stop())

  function ask(route: string, sent: unknown): Promise<Reply> {
    const [method = '', path = ''] = route.split(' ')
    if (method === 'GET') return target.call(method, `${path}${sent}`, { token })
    return target.call(method, path, { token, body: sent })
  }

  const sentenceOf = (sentence: string, reference?: string) =>
    profile === 'current' ? sentence : (reference ?? capitalised(sentence))

  describe.each(refusals.filter(({ refusals: listed }) => listed))(
    '$route',
    ({ route, refusals: listed = [] }) => {
      test.each(listed)('refuses %j: %s', async (sent, sentence, { status: code = 400, reference } = {}) => {
        const wanted = sentenceOf(sentence, reference)
        // The one failure whose status changed over the years.
        const wantedStatus = code === 409 && profile === 'reference' ? 500 : code

        const { status, json } = await ask(route, sent)

        const isBeginning = /(: |image |video |audio |document |sticker )$/.test(wanted)
        expect([status, json]).toEqual([
          wantedStatus,
          {
            ...failure(wantedStatus, wanted),
            ...(isBeginning && { error: expect.stringMatching(beginning(wanted)) }),
          },
        ])
      })
    },
  )

  test.each(refusals.flatMap(undecodables))('%s cannot decode %s', async (route, body, sentence) => {
    const { status, json } = await ask(route, body)

    expect([status, json]).toEqual([400, failure(400, sentenceOf(sentence, 'Could not decode Payload'))])
  })
})

/** The bodies of a route that are no JSON, no object, or hold a value of the wrong kind. */
function undecodables({ route, fields, undecodable }: RouteRefusals): [string, string, string][] {
  if (!fields) return []
  const wrong = fields.split(' ').flatMap((field) => {
    const [name = '', kind = ''] = field.split(':')
    return (WRONG[kind] ?? []).map((value) => JSON.stringify({ [name]: value }))
  })
  return ['', '{', '[]', '7', ...wrong].map((body) => [
    route,
    body,
    undecodable ?? 'could not decode Payload',
  ])
}

function capitalised(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

function beginning(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}.`)
}
