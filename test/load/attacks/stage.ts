import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { call } from '../client.ts'
import { type Answer, ask, type Question } from './ask.ts'
import type { Tally } from './tally.ts'

/** Where attacks take place. */
export interface Place {
  /** Address of the server. */
  base: string
  adminToken: string
  /** Address of the simulated network's control plane. */
  control: string
  /** Whether attackers rest between two strikes, so that the server has time left for everybody. */
  isCalm?: boolean
}

/** A user of the server who is up to no good. */
export interface Tenant {
  token: string
  id: string
  /** The number of the linked phone, and of somebody who writes to it. */
  phone: string
  contact: string
}

const RETRY_MS = 250
const LINK_PATIENCE_MS = 5_000
const LEAVE_ATTEMPTS = 20

/** What one attack has: where it takes place, tenants of its own, and servers that end with it. */
export class Stage {
  readonly place: Place
  readonly tally: Tally
  /** Ends all waiting. */
  readonly signal: AbortSignal
  readonly #slot: number
  readonly #servers: (() => void)[] = []
  #tenants = 0

  /** `slot` tells stages that exist at the same time apart: each has phone numbers and tokens of its own. */
  constructor(place: Place, { slot, tally, signal }: { slot: number; tally: Tally; signal: AbortSignal }) {
    this.place = place
    this.tally = tally
    this.signal = signal
    this.#slot = slot
  }

  /** Keeps a server that is closed when the tenants have left. */
  keep<Server extends { stop: () => void }>(server: Server): Server {
    this.#servers.push(server.stop)
    return server
  }

  /** Asks the server as whoever the headers say. */
  async ask(question: Question): Promise<Answer | undefined> {
    const answer = await ask(this.place.base, question)
    this.tally.asked(answer?.status)
    return answer
  }

  askAs({ token }: Pick<Tenant, 'token'>, path: string, body?: unknown): Promise<Answer | undefined> {
    return this.ask({ path, body, headers: { token } })
  }

  askAdmin(path: string, options: Pick<Question, 'method' | 'body'> = {}): Promise<Answer | undefined> {
    return this.ask({ path, ...options, headers: { authorization: this.place.adminToken } })
  }

  /** Asks the simulated network. */
  sandbox(path: string, body: unknown): Promise<unknown> {
    return call(`${this.place.control}/sandbox${path}`, { body })
  }

  /** A token nobody else has, by which `leave` finds its user. */
  newToken(): string {
    return `${this.#prefix}${randomBytes(6).toString('hex')}`
  }

  /** Creates a user; `settings` are those of `POST /admin/users`. Repeats until it is done or time is up. */
  async create(settings: Record<string, unknown> = {}): Promise<Tenant> {
    const number = String(this.#slot * 100 + (this.#tenants++ % 100)).padStart(7, '0')
    const [phone, contact] = [`44770${number}`, `44771${number}`]
    return this.until('a user', async () => {
      const token = this.newToken()
      const body = { name: token, token, events: 'All', ...settings }
      const answer = await this.askAdmin('/admin/users', { body })
      return answer?.status === 201 && { token, id: idIn(answer), phone, contact }
    })
  }

  /** Links the tenant's phone, whatever it was before. Repeats until it is done or time is up. */
  async link(tenant: Tenant): Promise<void> {
    await this.until('a linked phone', async () => {
      if (await this.isLoggedIn(tenant)) return true
      await this.askAs(tenant, '/session/connect', { Immediate: true })
      const answer = await this.askAs(tenant, '/session/pairphone', { Phone: tenant.phone })
      const code = /"LinkingCode":"([^"]+)"/.exec(answer?.body ?? '')?.[1]
      if (!code) return false
      await this.sandbox('/pair-code', { phone: tenant.phone, code })
      for (const begun = Date.now(); Date.now() - begun < LINK_PATIENCE_MS; await delay(RETRY_MS))
        if (await this.isLoggedIn(tenant)) return true
      return false
    })
  }

  /** Creates a user and links its phone. */
  async moveIn(settings: Record<string, unknown> = {}): Promise<Tenant> {
    const tenant = await this.create(settings)
    for (const phone of [tenant.phone, tenant.contact])
      await this.sandbox('/contacts', { phone, name: phone })
    // The phone may still have the devices of an earlier tenant; all of them would receive what is written to it.
    await this.sandbox('/unlink', { jid: tenant.phone }).catch(() => {})
    await this.link(tenant)
    return tenant
  }

  async isLoggedIn(tenant: Tenant): Promise<boolean> {
    const answer = await this.askAs(tenant, '/session/status')
    return answer?.body.includes('"loggedIn":true') ?? false
  }

  /** The token a user has now; undefined when it cannot be had. */
  async tokenOf({ id }: Tenant): Promise<string | undefined> {
    return (await this.#mine())?.find((user) => user.id === id)?.token
  }

  /** Deletes everybody who was created on this stage, and closes the servers. */
  async leave(): Promise<void> {
    for (let attempt = 0; attempt < LEAVE_ATTEMPTS; attempt++) {
      const mine = await this.#mine()
      for (const { id } of mine ?? []) await this.askAdmin(`/admin/users/${id}/full`, { method: 'DELETE' })
      if (mine?.length === 0) break
      await delay(RETRY_MS)
    }
    for (const stop of this.#servers) stop()
  }

  /** Repeats `attempt` until it yields something. Throws when time is up. */
  async until<Result>(what: string, attempt: () => Promise<Result | false | undefined>): Promise<Result> {
    while (!this.signal.aborted) {
      const result = await attempt().catch((error: unknown) => void this.tally.failed(error))
      if (result) return result
      await delay(RETRY_MS)
    }
    throw new Error(`time was up before there was ${what}`)
  }

  get #prefix(): string {
    return `hostile-${this.#slot}-`
  }

  async #mine(): Promise<{ id: string; token: string }[] | undefined> {
    const answer = await this.askAdmin('/admin/users')
    if (answer?.status !== 200) return undefined
    const { data } = JSON.parse(answer.body) as { data: { id: string; token: string }[] }
    return data.filter(({ token }) => token.startsWith(this.#prefix))
  }
}

function idIn({ body }: Answer): string {
  const { data } = JSON.parse(body) as { data: { id: string } }
  return data.id
}
