import { execFileSync, spawn } from 'node:child_process'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from './free-port.ts'

export interface PostgresServer {
  /** Address of the maintenance database. */
  url: string
  /** Drops the databases whose name begins with `prefix`; ends the server if this run started it. */
  stop(prefix: string): Promise<void>
}

const localServer = 'postgres://postgres@127.0.0.1:5432/postgres'

/** The server named by PARLEY_TEST_PG, else the one on the usual port, else one started for this run. */
export async function createPostgres(): Promise<PostgresServer> {
  const configured = process.env.PARLEY_TEST_PG
  if (configured) return { url: configured, stop: (prefix) => dropDatabases(configured, prefix) }
  if (await answers(localServer))
    return { url: localServer, stop: (prefix) => dropDatabases(localServer, prefix) }
  return startPostgres()
}

/** A server of its own that can be taken away. */
export interface PrivatePostgres {
  /** Address of the maintenance database. */
  url: string
  /** Ends the server as an operator does (`fast`) or as a crash would (`immediate`); resolves when it has ended. */
  halt(mode: 'fast' | 'immediate'): Promise<void>
  /** Starts the server again, on the same port with the same data; resolves when it answers. */
  resume(): Promise<void>
  /** Ends the server and removes its data. */
  stop(): Promise<void>
}

/** Starts a server that nobody else knows. */
export async function startPostgres(): Promise<PrivatePostgres> {
  const programs = await installedPrograms()
  const directory = await mkdtemp(join(tmpdir(), 'parley-postgres-'))
  // The server refuses to run as root.
  const account = process.getuid?.() === 0 ? accountOf('postgres') : undefined
  if (account) await chown(directory, account.uid, account.gid)

  const data = join(directory, 'data')
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      ...account,
      cwd: directory,
      stdio: 'pipe',
    },
  )
  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    'fsync=off',
    'max_connections=300',
    `unix_socket_directories=${directory}`,
  ]
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const launch = async () => {
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', data, '-p', String(port), ...settings.flatMap((line) => ['-c', line])],
      { ...account, cwd: directory, stdio: 'ignore' },
    )
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    for (let attempt = 0; !(await answers(url)); attempt++) {
      if (attempt > 150 || child.exitCode !== null) throw new Error('PostgreSQL did not start')
      await sleep(100)
    }
    return { child, exited }
  }
  let running = await launch()
  const halt = async (mode: 'fast' | 'immediate') => {
    running.child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await running.exited
  }
  return {
    url,
    halt,
    resume: async () => {
      running = await launch()
    },
    stop: async () => {
      await halt('fast')
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Debian keeps the server's programs outside the search path, in one folder per version. */
async function installedPrograms(): Promise<string> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const newest = versions.map(Number).sort((a, b) => b - a)[0]
  if (newest) return `/usr/lib/postgresql/${newest}/bin`
  throw new Error('PostgreSQL is not installed; .ci/run installs it (Debian: apt-get install postgresql)')
}

function accountOf(name: string): { uid: number; gid: number } {
  return {
    uid: Number(execFileSync('id', ['-u', name], { encoding: 'utf8' })),
    gid: Number(execFileSync('id', ['-g', name], { encoding: 'utf8' })),
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    // Whatever the reason, this server cannot be used.
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function dropDatabases(url: string, prefix: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const left = await client.query('select datname from pg_database where starts_with(datname, $1)', [
      prefix,
    ])
    for (const { datname } of left.rows)
      await client.query(`drop database if exists "${datname}" with (force)`)
  } finally {
    await client.end()
  }
}
