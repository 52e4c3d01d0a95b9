import { expect, test } from 'vitest'
import { EventRenderer, type EventRenderers, type RenderContext } from '../../src/delivery/renderer.ts'
import type { User } from '../../src/store/users/users.ts'
import { numbered } from '../helpers/outbox.ts'

// Nothing of a user is looked at but who it is.
const user = { id: 'one' } as User
const context: RenderContext = { user, timeZone: '', part: '' }
const stored = { eventId: 'e', payload: JSON.stringify(numbered('a', 1)) }

/** A dialect that counts how often it says something. */
function counting() {
  const said: unknown[] = []
  // The test records one kind of event.
  const renderers = {
    presence: (event: { lastSeen: number }) => {
      said.push(event)
      return { name: 'Presence', payload: { number: event.lastSeen } }
    },
  } as unknown as EventRenderers
  return { said, renderers }
}

test('what several receivers want in the same words is rendered once', async () => {
  const renderer = new EventRenderer()
  const { said, renderers } = counting()

  const all = await Promise.all([1, 2, 3].map(() => renderer.render(renderers, stored, context)))

  expect(all).toEqual(Array(3).fill({ name: 'Presence', payload: { number: 1 } }))
  expect(said).toHaveLength(1)
})

test.each<[string, Partial<RenderContext>, Partial<typeof stored>]>([
  ['another event', {}, { eventId: 'f', payload: JSON.stringify(numbered('a', 2)) }],
  ['an event that was stored anew', {}, { payload: JSON.stringify(numbered('a', 2)) }],
  ['a user who was changed', { user: { ...user } }, {}],
  ['another part of it', { part: 'second' }, {}],
  ['a file that was fetched for one receiver', { media: { bytes: Buffer.from('x') } }, {}],
])('%s is rendered anew', async (_what, changed, otherEvent) => {
  const renderer = new EventRenderer()
  const { said, renderers } = counting()

  await renderer.render(renderers, stored, context)
  await renderer.render(renderers, { ...stored, ...otherEvent }, { ...context, ...changed })

  expect(said).toHaveLength(2)
})

test('other words are rendered anew', async () => {
  const renderer = new EventRenderer()
  const [first, second] = [counting(), counting()]

  for (const { renderers } of [first, second]) await renderer.render(renderers, stored, context)

  expect([first.said.length, second.said.length]).toEqual([1, 1])
})
