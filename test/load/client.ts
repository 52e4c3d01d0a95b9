import { setTimeout as delay } from 'node:timers/promises'

/** Calls a JSON API and returns the answer's body. Throws with status and body when it is not a success. */
export async function call<Answer>(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: { 'content-type': 'application/json', ...options.headers },
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

/** The wuzapi API of a server under test, as its users call it. */
export class WuzapiClient {
  readonly base: string
  readonly adminToken: string

  constructor(base: string, adminToken: string) {
    this.base = base
    this.adminToken = adminToken
  }

  async createUser(user: { name: string; token: string; webhook?: string; events?: string }): Promise<void> {
    await call(`${this.base}/admin/users`, { headers: { authorization: this.adminToken }, body: user })
  }

  /** Removes all users, as an earlier run on the same database may have left some. */
  async removeUsers(): Promise<void> {
    const headers = { authorization: this.adminToken }
    const { data } = await call<{ data: { id: string }[] }>(`${this.base}/admin/users`, { headers })
    for (const { id } of data) await call(`${this.base}/admin/users/${id}`, { method: 'DELETE', headers })
  }

  async connect(token: string): Promise<void> {
    await call(`${this.base}/session/connect`, { headers: { token }, body: { Immediate: true } })
  }

  async isLoggedIn(token: string): Promise<boolean> {
    const { data } = await call<{ data: { LoggedIn: boolean } }>(`${this.base}/session/status`, {
      headers: { token },
    })
    return data.LoggedIn
  }

  async showsQr(token: string): Promise<boolean> {
    const { data } = await call<{ data: { QRCode: string } }>(`${this.base}/session/qr`, {
      headers: { token },
    })
    return data.QRCode !== ''
  }

  /** Links the session's phone by code: half of a QR code never crosses the wire, so only its server could read it. */
  async scan(control: string, token: string, phone: string): Promise<void> {
    const { data } = await call<{ data: { LinkingCode: string } }>(`${this.base}/session/pairphone`, {
      headers: { token },
      body: { Phone: phone },
    })
    await call(`${control}/sandbox/contacts`, { body: { phone, name: phone } })
    await call(`${control}/sandbox/pair-code`, { body: { phone, code: data.LinkingCode } })
  }

  async sendText(token: string, phone: string, body: string): Promise<void> {
    await call(`${this.base}/chat/send/text`, { headers: { token }, body: { Phone: phone, Body: body } })
  }

  /** How many sessions are logged in, from the health report. */
  async loggedIn(): Promise<number> {
    const health = await call<{ logged_in_users: number }>(`${this.base}/health`)
    return health.logged_in_users
  }
}

/** Polls until `check` holds; throws after `timeoutMs`. */
export async function until(what: string, check: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await check().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    await delay(25)
  }
}

/** Runs `job` for every item, at most `width` at a time. */
export async function forEachOf<Item>(
  items: Item[],
  width: number,
  job: (item: Item) => Promise<void>,
): Promise<void> {
  const line = items.values()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of line) await job(item)
    }),
  )
}
