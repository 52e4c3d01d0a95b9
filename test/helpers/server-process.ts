import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { call, until } from '../load/client.ts'

export interface ServerPlace {
  port: number
  /** Address of the simulated network. */
  network: string
  adminToken: string
  database: { dataDir: string; databaseUrl?: string }
}

/** Starts a server as a process of its own, so that it can be killed; resolves when it answers. */
export async function startServer({
  port,
  network,
  adminToken,
  database,
}: ServerPlace): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: database.dataDir,
      DATABASE_URL: database.databaseUrl ?? '',
      WHATSAPP_NETWORK: network,
      ADMIN_TOKEN: adminToken,
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await until(
    'the server to answer',
    async () => (await call(`http://127.0.0.1:${port}/health`)) !== undefined,
    30_000,
  )
  return child
}

/** Ends a process without giving it a chance to finish anything. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** A port that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
