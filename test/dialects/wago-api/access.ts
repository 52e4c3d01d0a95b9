import { expect, test } from 'vitest'
import { API_KEY, failure } from './wago.ts'

/** Users beside the one of the session `main`. */
export interface Strangers {
  /** Has a session of its own. */
  other: { token: string }
  /** Never linked a phone; its session is called `unlinked`. */
  unlinked: { token: string }
}

/** Who may call a route that is about a session; `answer` calls it for a session with a key. */
export function testAccess(
  answer: (session: string, key: string) => Promise<unknown[]>,
  strangers: () => Strangers,
): void {
  test('wants a key, and no session takes the token of another one', async () => {
    const refused = [403, failure('Invalid API key')]

    expect(await answer('main', '')).toEqual(refused)
    expect(await answer('main', 'wrong')).toEqual(refused)
    expect(await answer('main', strangers().other.token)).toEqual(refused)
  })

  test('wants a session that is there and connected', async () => {
    const notConnected = [404, failure('session_not_connected')]

    expect(await answer('nobody', API_KEY)).toEqual([404, failure('session_not_found')])
    expect(await answer('unlinked', API_KEY)).toEqual(notConnected)
    expect(await answer('unlinked', strangers().unlinked.token)).toEqual(notConnected)
    expect(await answer('a.b', API_KEY)).toEqual([422, failure('Session should be alphanumerical or -')])
  })
}
