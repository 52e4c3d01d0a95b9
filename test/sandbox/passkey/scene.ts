import { afterAll, beforeAll } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { type Answer, control, optionsIn, PasskeyClient } from './passkey-client.ts'

/** A network of its own for a test file, and accounts that demand passkeys on it. */
export class Scene {
  #sandbox: Sandbox | undefined
  #numbers = 0
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
    beforeAll(async () => {
      this.#sandbox = await startSandbox()
    })
    afterAll(() => this.sandbox.stop())
  }

  get sandbox(): Sandbox {
    if (!this.#sandbox) throw new Error('the sandbox has not started')
    return this.#sandbox
  }

  /** The number of a new account with that demand. */
  async demanding(passkey: object | true = true): Promise<string> {
    this.#numbers += 1
    const phone = `${this.#prefix}${this.#numbers}`
    const { status, answer } = await this.account(phone, '', { passkey })
    if (status !== 200) throw new Error(answer.error)
    return phone
  }

  /** A companion whose code that phone has scanned. */
  async asked(phone: string): Promise<PasskeyClient> {
    const client = await PasskeyClient.register(this.sandbox)
    await control(this.sandbox, 'scan', { phone, qr: await client.wire.qr() })
    return client
  }

  /** What the passkey of the account makes of the request. */
  async assertion(phone: string, options: object, deviations: object = {}): Promise<Answer> {
    return (await this.account(phone, '/assert', { options, ...deviations })).answer
  }

  /** Asks for what a companion was sent, and answers it; returns the answer to the prologue. */
  async answered(client: PasskeyClient, phone: string, ...[deviations]: [object?]) {
    const options = optionsIn(await client.told('passkey_prologue_request'))
    await client.fetchRef()
    return client.prologue(await this.assertion(phone, options, deviations))
  }

  async status(phone: string): Promise<Answer> {
    return (await this.account(phone, '/passkey')).answer
  }

  account(phone: string, path: string, body?: object) {
    return control(this.sandbox, `accounts/${phone}${path}`, body)
  }
}
