import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { successes, type World } from './successes.ts'
import { combinations, Target } from './target.ts'

// Each request builds on what the ones before it made.
describe.each(combinations)('profile $profile on $database', ({ database, profile }) => {
  let target: Target
  let token: string
  const world: World = { contact: '', group: '', invite: '', channel: '', sent: '' }
  beforeAll(async () => {
    target = await Target.start(profile, database)
    const pair = await target.linkedPair('447900000902')
    token = pair.token
    world.contact = pair.contact
  })
  afterAll(() => target.stop())

  /** Puts the names of the world's things where `$name` stands. */
  function filled(text: string): string {
    return text.replace(/\$(\w+)/g, (_match, name: keyof World) => world[name])
  }

  test.each(successes)('$request $body', async ({ request, body, data, bare, gives = {} }) => {
    const [method = '', path = ''] = request.split(' ')
    const wanted = typeof data === 'function' ? data(profile) : data

    const { status, headers, json } = await target.call(method, filled(path), {
      token,
      ...(body !== undefined && { body: filled(JSON.stringify(body)) }),
    })

    expect(json).toEqual(bare ? wanted : { code: 200, data: wanted, success: true })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    for (const [name, read] of Object.entries(gives))
      Object.assign(world, { [name]: read(json.data as never) })
  })
})
