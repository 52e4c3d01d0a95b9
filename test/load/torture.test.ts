import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDatabase } from '../helpers/database.ts'

const program = fileURLToPath(new URL('../../scripts/torture.mjs', import.meta.url))

// Restarts, draining and building take their time where everything else is tested at the same moment.
const LIMIT_MS = 15 * 60_000

test(
  'two minutes of kills, a moody receiver and hostile neighbours lose nothing and double nothing',
  async () => {
    const { exitCode, output } = await torture('--minutes', '2', '--hostile', '2')

    expect(output).toContain('Nothing lost, nothing twice.')
    expect(exitCode).toBe(0)
    const figures = JSON.parse(output.trim().split('\n').at(-1) ?? '')
    expect(figures).toMatchObject({ ...LOSSLESS, database: 'SQLite', sessions: 20 })
    // A run in which nothing happened proves nothing.
    expect(figures.kills).toBeGreaterThan(2)
    expect(figures.receivedByWebhook.sent).toBeGreaterThan(200)
    expect(figures.receivedByWebhook.repeated).toBeGreaterThan(0)
    expect(figures.answeredTooLate).toBeGreaterThan(0)
    expect(figures.sentByApi.accepted).toBeGreaterThan(200)
    expect(figures.sentByApi.requestsInterrupted).toBeGreaterThan(0)
    expect(figures.witnesses.suffering.count).toBeGreaterThan(50)
    expect(Object.keys(figures.hostile.attacks).length).toBeGreaterThan(5)
    expect(figures.hostile.requests).toBeGreaterThan(100)
  },
  LIMIT_MS,
)

test(
  'neither does half a minute of them on PostgreSQL',
  async () => {
    const database = await temporaryDatabase('postgres')
    onTestFinished(() => database.close())

    const { exitCode, output } = await torture(
      ...['--minutes', '0.6', '--hostile', '2', '--database', `${database.config.databaseUrl}`],
    )

    expect(output).toContain('Nothing lost, nothing twice.')
    expect(exitCode).toBe(0)
    const figures = JSON.parse(output.trim().split('\n').at(-1) ?? '')
    expect(figures).toMatchObject({ ...LOSSLESS, database: 'PostgreSQL', sessions: 20 })
    expect(figures.kills).toBeGreaterThan(0)
    expect(figures.receivedByWebhook.sent).toBeGreaterThan(100)
    expect(figures.sentByApi.accepted).toBeGreaterThan(100)
    expect(figures.hostile.requests).toBeGreaterThan(20)
  },
  LIMIT_MS,
)

const LOSSLESS = {
  problems: [],
  deaths: [],
  retryRequests: { byServer: 0, byPhones: 0 },
  receivedByWebhook: { lost: 0, underTwoIds: 0, outOfOrder: 0, notRepeated: 0 },
  sentByApi: { lost: 0, twice: 0, outOfOrder: 0, unfinished: 0, refused: 0 },
  witnesses: { lost: 0, underTwoIds: 0, outOfOrder: 0 },
}

/** Runs the torture program as a person would, and yields how it ended and everything it printed. */
function torture(...options: string[]): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...options],
      { maxBuffer: 16 * 1024 * 1024 },
      (_, stdout, stderr) => resolve({ exitCode: child.exitCode, output: `${stderr}\n${stdout}` }),
    )
  })
}
