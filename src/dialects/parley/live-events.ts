import { z } from 'zod'
import type { Authenticate, FeedStream, RequestHead } from '../../http/endpoint/dialect.ts'
import { existingUser } from '../../operations/admin/admin.ts'
import { profilesNamed, watchEvents } from '../../operations/deliveries/live-events.ts'

const description =
  'Event `event` for each: `id`, `at` (Unix milliseconds), `type`, `chat`, `event` as it is stored (null where it is too large to be shown), its `size` in characters, and `told`: what webhooks of the dialects in `dialects` get, as if they were subscribed to all there is, each with `dialect`, the name of the `event` there and its `body`, without secrets and files. Event `missed`, with a `count`, where they came too fast. A comment comes every 20 seconds. Nothing is told of what happened before.'

const query = z.object({
  dialects: z.string().optional().describe('Names of dialects, separated by commas: wuzapi,wsgo'),
})

/** Every event of a session as it happens: for its user, and for operators. */
export function liveEventFeeds({
  asUser,
  asAdmin,
}: {
  asUser: Authenticate
  asAdmin: Authenticate
}): FeedStream[] {
  return [
    feed({
      path: '/me/events/live',
      summary: 'Every event of the session as it happens, and what webhooks are told of it',
      security: 'token',
      authenticate: asUser,
    }),
    feed({
      path: '/users/{id}/events/live',
      summary: 'Every event of a user as it happens, and what webhooks are told of it',
      security: 'admin',
      // The stream is the user's: the node that has the session tells it.
      async authenticate(head, services) {
        await asAdmin(head, services)
        return { kind: 'user', user: await existingUser(services, head.params.id ?? ''), power: 'full' }
      },
    }),
  ]
}

function feed(given: Pick<FeedStream, 'path' | 'summary' | 'security' | 'authenticate'>): FeedStream {
  return {
    kind: 'feed',
    description,
    // It tells codes to link a phone, too.
    power: 'full',
    query,
    isOn: () => true,
    accept({ services }, head) {
      profilesNamed(services, dialectsIn(head))
    },
    async begin(scope, head, far) {
      // Comes with the answer, so that whoever opens a stream sees that it is there.
      far.send(': open\n\n')
      const closed = watchEvents(scope, dialectsIn(head), ({ event, id, data }) =>
        far.send(
          `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`,
        ),
      )
      return { closed }
    },
    ...given,
  }
}

function dialectsIn({ query: { dialects = '' } }: RequestHead): string[] {
  return [dialects].flat().flatMap((names) => names.split(',').flatMap((name) => name.trim() || []))
}
