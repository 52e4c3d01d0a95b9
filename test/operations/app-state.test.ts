import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchAppState } from '../../src/operations/account/app-state.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import type { LinkedUser } from '../helpers/app.ts'
import { type Companion, link } from '../sandbox/companion.ts'
import { Stage } from '../whatsapp/defects/stage.ts'

const CHAT = '5511988880002@s.whatsapp.net'

let stage: Stage
let user: LinkedUser
let session: LiveSession
let other: Companion

beforeAll(async () => {
  stage = await Stage.open()
  user = await stage.user()
  session = stage.app.parley.services.sessions.live(user.id)
  other = await link(stage.sandbox, { phone: user.phone, name: 'Other device' })
  await other.event('the key of the settings', () => (other.creds.myAppStateKeyId ? true : undefined))
})
afterAll(async () => {
  await other.close()
  await stage.close()
})

/** How many changes of the settings that pins belong to the session has read. */
function version(): Promise<number> {
  return session.call(async ({ authState }) => {
    const { regular_low: known } = await authState.keys.get('app-state-sync-version', ['regular_low'])
    return known?.version ?? 0
  })
}

test('shared settings that another device changed while nobody was told are fetched', async () => {
  const end = stage.meddle(user.phone, (stanza) => (stanza.attrs.type === 'server_sync' ? undefined : stanza))
  await other.socket.chatModify({ pin: true }, CHAT)
  const before = await version()

  await fetchAppState(session)

  expect(await version()).toBe(before + 1)
  end()
})

test('shared settings that WhatsApp does not tell are reported', async () => {
  const refusal = { kind: 'refuse-query', xmlns: 'w:sync:app:state', code: 503 } as const
  const fault = stage.sandbox.network.faults.inject(refusal)

  await expect(fetchAppState(session)).rejects.toMatchObject({
    code: 'upstream_refused',
    details: { refusal: { by: 'iq', code: 503 } },
  })
  fault.remove()
})
