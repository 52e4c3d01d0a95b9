import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { type Sandbox, startSandbox } from '../../../../src/sandbox/index.ts'
import { qrText } from '../../../helpers/qr-text.ts'

type Json = ReturnType<typeof JSON.parse>

export const ADMIN_TOKEN = 'test-admin-token'

/** A server in the mode stdio as a process of its own, spoken to as another program would. */
export class StdioServer {
  /** All that was read from its standard output, parsed. */
  readonly lines: Json[] = []
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  /** All that it has printed on standard error. */
  told = ''
  readonly exit: Promise<number | null>
  #ids = 0
  #rest = ''

  private constructor(child: StdioServer['child']) {
    this.child = child
    this.exit = once(child, 'exit').then(([code]) => code)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.told += text
    })
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    child.stdin.on('error', () => {})
  }

  static start(
    world: Pick<StdioWorld, 'sandbox' | 'dataDir'>,
    { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
  ) {
    const program = ['--import', 'tsx', 'src/main.ts', '-mode', 'stdio', '-datadir', world.dataDir, ...args]
    const child = spawn(process.execPath, program, {
      env: {
        ...process.env,
        WHATSAPP_NETWORK: world.sandbox.url,
        ADMIN_TOKEN,
        LOG_LEVEL: 'info',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    return new StdioServer(child)
  }

  /** Reads no more of its output until `readOn`. */
  lookAway(): void {
    this.child.stdout.pause()
  }

  readOn(): void {
    this.child.stdout.resume()
  }

  write(text: string | Buffer): void {
    this.child.stdin.write(text)
  }

  /** Makes a request and resolves with the whole answer. */
  async ask(method: string, params?: object): Promise<Json> {
    const id = `ask-${this.#ids++}`
    this.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    return this.line(`the answer to ${method}`, (line) => line.id === id)
  }

  /** Makes a request that succeeds and resolves with its result. */
  async call(method: string, params?: object): Promise<Json> {
    const answer = await this.ask(method, params)
    if (answer.error) throw new Error(`${method}: ${answer.error.code} ${answer.error.message}`)
    return answer.result
  }

  /** The first line like that, as soon as there is one. */
  async line(what: string, isIt: (line: Json) => boolean, timeoutMs = 60_000): Promise<Json> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const found = this.lines.find(isIt)
      if (found) return found
      if (this.child.exitCode !== null) throw new Error(`it ended before ${what}: ${this.told}`)
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}: ${this.told}`)
      await delay(10)
    }
  }

  /** Says that nothing more will come; resolves with the exit code. */
  end(): Promise<number | null> {
    this.child.stdin.end()
    return this.exit
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGKILL')
    await this.exit
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    // Whatever is not JSON does not belong there.
    for (const line of lines) this.lines.push(JSON.parse(line))
  }
}

/** A simulated network and a data folder, which several servers may use one after the other. */
export class StdioWorld {
  readonly sandbox: Sandbox
  readonly dataDir: string

  private constructor(sandbox: Sandbox, dataDir: string) {
    this.sandbox = sandbox
    this.dataDir = dataDir
  }

  static async create(): Promise<StdioWorld> {
    return new StdioWorld(await startSandbox(), await mkdtemp(join(tmpdir(), 'parley-stdio-')))
  }

  /** Calls the control plane of the network. */
  async control(path: string, body?: object): Promise<Json> {
    const answer = await fetch(`${this.sandbox.controlUrl}/sandbox${path}`, {
      method: body ? 'POST' : 'GET',
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }

  async close(): Promise<void> {
    await this.sandbox.stop()
    await rm(this.dataDir, { recursive: true, force: true })
  }
}

/** A user of the server whose phone has scanned the code that was shown. */
export async function linkedUser(
  server: StdioServer,
  { world, token, phone }: { world: StdioWorld; token: string; phone: string },
): Promise<void> {
  await server.call('admin.users.add', { adminToken: ADMIN_TOKEN, name: token, token, events: 'All' })
  await server.call('session.connect', { token, Immediate: true })
  const shown = async () => (await server.ask('session.qr', { token })).result?.QRCode
  await until('a code', shown)
  await world.control('/scan', { qr: await qrText(await shown()), phone, name: 'Own phone' })
  await until('the session', async () => (await server.call('session.status', { token })).LoggedIn)
}

export async function until(what: string, look: () => Promise<unknown>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await delay(50)
  }
}
