import { freePort } from '../helpers/free-port.ts'
import { call, forEachOf, until, WuzapiClient } from './client.ts'
import { type RunningProgram, startProgram } from './processes.ts'

/** What every measuring run is given. */
export interface RunOptions {
  /** An empty folder for the run. */
  folder: string
  databaseUrl: string | undefined
  progress: (line: string) => void
}

/** Everybody writes to this person. */
export const CONTACT = '447911000000'
export const ADMIN_TOKEN = 'bench-admin-token'
const LINK_AT_ONCE = 8
/** A server starts in two seconds, but not on a machine that is busy with something else. */
export const START_MS = 120_000

export const tokenOf = (index: number) => `bench-token-${index}`
export const phoneOf = (index: number) => `4478${String(index).padStart(8, '0')}`
export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** A simulated network in a process of its own. */
export interface Sandbox {
  /** Where its control plane answers. */
  control: string
  wsUrl: string
  program: RunningProgram
}

/** Starts a simulated network with one contact; it is this folder's. */
export async function startSandbox(): Promise<Sandbox> {
  const port = await freePort()
  const control = `http://127.0.0.1:${port}`
  const program = await startProgram(['dist/src/sandbox/standalone.js', '--port', String(port)], {
    ready: `${control}/root-key`,
  })
  await call(`${control}/sandbox/contacts`, { body: { phone: CONTACT, name: 'Contact' } })
  return { control, wsUrl: `ws://127.0.0.1:${port}/ws/chat`, program }
}

/** A server under test. */
export interface Server {
  client: WuzapiClient
  program: RunningProgram
  restart: () => Promise<RunningProgram>
}

/** Starts a server on the simulated network; `env` adds to its settings. */
export async function startServer(
  options: Pick<RunOptions, 'folder' | 'databaseUrl'>,
  wsUrl: string,
  env: Record<string, string> = {},
): Promise<Server> {
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const start = () =>
    startProgram(['dist/src/main.js'], {
      ready: `${base}/health`,
      timeoutMs: START_MS,
      env: { ...serverSettings(options, { port, wsUrl }), ...env },
    })
  return { client: new WuzapiClient(base, ADMIN_TOKEN), program: await start(), restart: start }
}

/** The settings of a server under test, as environment variables. */
export function serverSettings(
  { folder, databaseUrl }: Pick<RunOptions, 'folder' | 'databaseUrl'>,
  { port, wsUrl }: { port: number; wsUrl: string },
): Record<string, string> {
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: folder,
    WHATSAPP_NETWORK: wsUrl,
    ADMIN_TOKEN,
    LOG_LEVEL: 'warn',
    WEBHOOK_FORMAT: 'json',
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  }
}

/** Creates users and links their phones; resolves when all are logged in. */
export async function link(
  client: WuzapiClient,
  control: string,
  indexes: number[],
  webhook: string,
): Promise<void> {
  await forEachOf(indexes, LINK_AT_ONCE, async (index) => {
    const token = tokenOf(index)
    await client.createUser({ name: `Bench ${index}`, token, webhook, events: webhook ? 'Message' : '' })
    await client.connect(token)
    await client.scan(control, token, phoneOf(index))
    await until(`session ${index} to be linked`, () => client.isLoggedIn(token), 120_000)
  })
}
