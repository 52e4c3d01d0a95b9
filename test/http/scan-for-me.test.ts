import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADMIN_TOKEN, TestApp, type TestUser } from '../helpers/app.ts'

const OWN_PHONE = '447700900123'

let app: TestApp

beforeAll(async () => {
  app = await TestApp.start()
})
afterAll(() => app.close())

/** A user whose session shows a code. */
async function waitingUser(): Promise<TestUser> {
  const user = await app.createUser()
  await app.post('/session/connect', user.token, { Immediate: true })
  await app.waitFor('a QR code', () => app.parley.services.sessions.find(user.id)?.status.qr)
  return user
}

function scan(token: string) {
  return app.request('POST', '/sandbox/scan', {
    headers: { authorization: ADMIN_TOKEN, token },
    body: { phone: OWN_PHONE },
  })
}

test('"scan for me" scans the code of the user whose token comes along, not the oldest one', async () => {
  const patient = await waitingUser()
  const caller = await waitingUser()

  const answer = await scan(caller.token)

  expect(answer.status).toBe(200)
  await app.waitFor(
    'the caller to be linked',
    () => app.parley.services.sessions.find(caller.id)?.status.loggedIn,
  )
  expect(app.parley.services.sessions.find(patient.id)?.status.qr).not.toBe('')
})

test('"scan for me" scans nobody else\'s code when the caller has none', async () => {
  const waiting = await waitingUser()
  const idle = await app.createUser()

  const answer = await scan(idle.token)

  expect(answer.status).toBe(400)
  expect(app.parley.services.sessions.find(waiting.id)?.status.qr).not.toBe('')
})
