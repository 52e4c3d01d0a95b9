import { type LinkedUser, TestApp } from '../../helpers/app.ts'

/** A contact with an about text. */
export const ana = '447900000601'
export const anaJid = `${ana}@s.whatsapp.net`
/** A number that nobody has. */
export const stranger = '447900000699'

export const success = (data: unknown) => ({ code: 200, data, success: true })

/** A linked user and what it asks, answered with status and body. */
export interface People {
  app: TestApp
  user: LinkedUser
  call(path: string, body: unknown): Promise<unknown[]>
  look(path: string): Promise<unknown[]>
  /** Lets the simulated WhatsApp refuse the next query of that namespace. */
  refuse(xmlns: string, code?: number): Promise<unknown>
}

/** Starts a server with profile `current`, a contact and a linked user. */
export async function startPeople(): Promise<People> {
  const app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  await app.sandbox('POST', '/contacts', { phone: ana, name: 'Ana', about: 'At sea' })
  const user = await app.linkedUser()
  return {
    app,
    user,
    async call(path, body) {
      const { status, json } = await app.post(path, user.token, body)
      return [status, json]
    },
    async look(path) {
      const { status, json } = await app.get(path, user.token)
      return [status, json]
    },
    refuse: (xmlns, code = 403) =>
      app.sandbox('POST', '/faults', { kind: 'refuse-query', xmlns, code, text: 'forbidden', times: 1 }),
  }
}
