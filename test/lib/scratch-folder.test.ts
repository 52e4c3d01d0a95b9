import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TestApp } from '../helpers/app.ts'
import { kill } from '../helpers/server-process.ts'

const LONG_AGO = new Date('2020-01-01')
const usual = tmpdir()

/** The temporary folder of the programs under test. */
let folder: string
const running: ChildProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(usual, 'sweep-'))
  process.env.TMPDIR = folder
})
afterEach(async () => {
  process.env.TMPDIR = usual
  await Promise.all(running.splice(0).map(kill))
  await rm(folder, { recursive: true })
})

interface Keeper {
  child: ChildProcess
  /** The process that has put something into its scratch folder: the child, or the worker it has started. */
  pid: number
  scratch: string
  /** Resolves when the worker has ended. */
  gone(): Promise<unknown>
}

async function keeper(kind: 'alone' | 'worker' = 'alone'): Promise<Keeper> {
  const program = ['--import', 'tsx', 'test/helpers/scratch-keeper.ts', folder, kind]
  const child = spawn(process.execPath, program, {
    // What compiles the program for it has files of its own there.
    env: { ...process.env, TMPDIR: usual },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  running.push(child)
  const lines = createInterface({ input: child.stdout })
  const [line] = await once(lines, 'line')
  return { child, ...JSON.parse(String(line)), gone: () => once(lines, 'line') }
}

async function makeOld(name: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'precious'), 'all of it')
  await utimes(path, LONG_AGO, LONG_AGO)
  return path
}

/** Starts and stops a server whose data folder is in that temporary folder as well. */
async function runServer(): Promise<void> {
  const app = await TestApp.start({ reuse: { dataDir: join(folder, 'parley-data') } })
  await app.close()
}

test('the start leaves every folder alone that is not marked as scratch, whatever its name and age', async () => {
  const names = ['parley-data', 'parley-backup', 'parley-media-x', 'parley-scratch-notes']
  await Promise.all(names.map(makeOld))

  await runServer()

  for (const name of names) expect(await readFile(join(folder, name, 'precious'), 'utf8')).toBe('all of it')
})

test('the start deletes what a killed process left, and nothing of one that lives', async () => {
  const killed = await keeper()
  const alive = await keeper()
  // Neither a copy nor a link of what may be deleted may be.
  const ofFiles = (path: string) => basename(path) !== 'alive'
  await cp(killed.scratch, join(folder, 'parley-scratch-copy'), { recursive: true, filter: ofFiles })
  const elsewhere = await makeOld('elsewhere')
  await cp(join(killed.scratch, 'scratch.json'), join(elsewhere, 'scratch.json'))
  await symlink(elsewhere, join(folder, 'parley-scratch-link'))
  await kill(killed.child)

  await runServer()

  const left = await readdir(folder)
  expect(left).not.toContain(basename(killed.scratch))
  expect(left).toEqual(
    expect.arrayContaining([basename(alive.scratch), 'parley-scratch-copy', 'parley-scratch-link']),
  )
  expect((await readdir(alive.scratch)).filter((name) => name.startsWith('work-'))).toHaveLength(1)
  expect(await readdir(elsewhere)).toContain('precious')
})

test('what a killed worker left goes although the process that started it lives', async () => {
  const worker = await keeper('worker')
  process.kill(worker.pid, 'SIGKILL')
  await worker.gone()

  await runServer()

  expect(worker.child.exitCode).toBeNull()
  expect(await readdir(folder)).not.toContain(basename(worker.scratch))
})

test('scratch is for the eyes of its owner, and goes with its process', async () => {
  const { child, scratch } = await keeper()
  const { mode } = await stat(scratch)

  child.stdin?.end('end\n')
  await once(child, 'exit')

  expect(mode & 0o777).toBe(0o700)
  expect(await readdir(folder)).toEqual([])
})
