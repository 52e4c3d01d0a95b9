import type { TestApp, TestUser } from '../helpers/app.ts'

let phones = 0

/** A number that nobody has yet. */
export function newPhone(): string {
  return `5511998${String(Date.now()).slice(-5)}${phones++}`
}

/** A user who has scanned with a phone whose account demands a passkey, and the address of the page for it. */
export async function askedForPasskey(
  app: TestApp,
  phone: string,
  demand: object | true = true,
): Promise<TestUser & { address: string }> {
  await app.sandbox('POST', `/accounts/${phone}`, { passkey: demand })
  const user = await app.createUser()
  await app.post('/session/connect', user.token, { Immediate: true })
  const session = () => app.parley.services.sessions.find(user.id)
  const code = await app.waitFor('a QR code', () => session()?.status.qr)
  await app.sandbox('POST', '/scan', { qr: code, phone })
  const page = await app.waitFor(
    'the page',
    async () => (await app.get('/session/status', user.token)).json.data.passkeyPage,
  )
  return { ...user, address: `${app.url}${page}` }
}
