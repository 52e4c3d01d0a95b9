import { randomBytes } from 'node:crypto'
import { sources } from './ask.ts'
import { type Attack, repeatedly } from './attack.ts'

const AT_ONCE = 200
const PAUSE_MS = 500

/** Where tokens are looked at, and the header they come in. */
const doors = [
  { path: '/session/status', header: 'token' },
  { path: '/admin/users', header: 'authorization' },
  { path: '/parley/deliveries', header: 'authorization' },
  { path: '/wsgo/api/status', header: 'authorization' },
  { path: '/wago-api/session/getSessions', header: 'x-api-key' },
  { path: '/metrics', header: 'authorization' },
]

/** Hundreds of wrong tokens at the same moment, every one another, from one address. */
export const wrongTokens: Attack = {
  name: 'bursts of wrong tokens',
  async start(stage) {
    return repeatedly(stage, { pauseMs: PAUSE_MS }, () =>
      Promise.all(
        Array.from({ length: AT_ONCE }, (_, n) => {
          const { path, header } = doors[n % doors.length] ?? { path: '/', header: 'token' }
          const headers = { [header]: randomBytes(16).toString('hex') }
          return stage.ask({ path, headers, source: sources.guesser })
        }),
      ),
    )
  },
}
