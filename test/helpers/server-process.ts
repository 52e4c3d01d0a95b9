import { type ChildProcess, spawn } from 'node:child_process'
import { call, until } from '../load/client.ts'

export interface ServerPlace {
  port: number
  /** The Node program to run it with; the one that runs the tests unless another is named. */
  node?: string
  /** The built program to run; the sources unless one is named. */
  program?: string
  /** Address of the simulated network. */
  network: string
  adminToken: string
  database: { dataDir: string; databaseUrl?: string }
  /** Further settings by their environment names. */
  env?: Record<string, string>
  /** Gets what the server prints, logs and errors; by default both go where those of the tests go. */
  onOutput?(text: string): void
}

/** Starts a server as a process of its own, so that it can be killed; resolves when it answers. */
export async function startServer({
  node = process.execPath,
  program,
  port,
  network,
  adminToken,
  database,
  env,
  onOutput,
}: ServerPlace): Promise<ChildProcess> {
  const child = spawn(
    node,
    program ? ['--enable-source-maps', program] : ['--import', 'tsx', 'src/main.ts'],
    {
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        PORT: String(port),
        DATA_DIR: database.dataDir,
        DATABASE_URL: database.databaseUrl ?? '',
        WHATSAPP_NETWORK: network,
        ADMIN_TOKEN: adminToken,
        LOG_LEVEL: 'error',
        ...env,
      },
      stdio: onOutput
        ? ['ignore', 'pipe', 'pipe']
        : ['ignore', env?.LOG_LEVEL ? 'inherit' : 'ignore', 'inherit'],
    },
  )
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => onOutput?.(bytes.toString()))
  await until(
    'the server to answer',
    async () => child.exitCode !== null || (await call(`http://127.0.0.1:${port}/health`)) !== undefined,
    90_000,
  )
  if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
  return child
}

/** Ends a process without giving it a chance to finish anything. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

/** Asks a process to stop, as an operator does; resolves with its exit code. */
export async function terminate(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  return gone
}
