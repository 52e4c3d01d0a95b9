import { execFile, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type BuiltProject, buildProject } from './helpers/built-project.ts'

const root = join(import.meta.dirname, '..')
let project: BuiltProject
let server: string[]
/** `script` of util-linux gives a program a terminal. */
const hasTerminals = await promisify(execFile)('script', ['--version']).then(
  ({ stdout }) => stdout.includes('util-linux'),
  () => false,
)

beforeAll(async () => {
  project = await buildProject()
  // Others may look into it: one of the tests is somebody else.
  await chmod(dirname(dirname(dirname(project.program('main.js')))), 0o755)
  server = [process.execPath, project.program('main.js')]
})
afterAll(() => project?.close())

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'parley-start-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** What a server prints until it listens, or ends. */
async function printed(command: string[], dataDir: string, uid?: number): Promise<string> {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: root,
    uid,
    gid: uid,
    env: {
      ...process.env,
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      WHATSAPP_NETWORK: 'sandbox',
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The terminal's program and the one in it.
    detached: true,
  })
  onTestFinished(() => {
    const isRunning = child.exitCode === null && child.signalCode === null
    if (isRunning && child.pid) process.kill(-child.pid, 'SIGKILL')
  })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  let output = ''
  const heard = (text: Buffer) => {
    output += text
    if (output.includes('Parley is running') && child.pid) process.kill(-child.pid, 'SIGTERM')
  }
  child.stdout.on('data', heard)
  child.stderr.on('data', heard)
  await gone
  return output
}

test('a program that reads the log gets JSON', async () => {
  const output = await printed(server, await folder())

  expect(output).toMatch(/^\{"level":30,.*"msg":"listening"\}$/m)
})

test.skipIf(!hasTerminals)('a person at a terminal gets text', async () => {
  const output = await printed(['script', '-qefc', server.join(' '), '/dev/null'], await folder())

  expect(output).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z INFO listening port=\d+/m)
})

test('a data folder of somebody else is refused with the command that gives it away', async () => {
  const dataDir = await folder()
  await chmod(dataDir, 0o555)

  // Root may write everywhere, so it becomes somebody else for this.
  const isRoot = process.getuid?.() === 0
  const output = await printed(server, dataDir, isRoot ? 1000 : undefined)

  expect(output).toContain(`the data folder ${dataDir} cannot be written and locked (EACCES); `)
  expect(output).toContain(
    isRoot ? `run \`chown -R 1000:1000 ${dataDir}\` as root` : `run \`chmod u+rwx ${dataDir}\``,
  )
  expect(output.trim()).not.toContain('\n')
})
