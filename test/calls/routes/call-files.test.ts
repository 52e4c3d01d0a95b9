import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withScratch } from '../../../src/media/scratch.ts'
import { copyCallFile, createCallFile } from '../../../src/operations/calls/call-files.ts'

let place: string
let folder: string

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'parley-test-'))
  folder = join(place, 'calls')
  await mkdir(join(folder, 'greetings'), { recursive: true })
  await mkdir(join(place, 'outside'))
  await writeFile(join(folder, 'greetings', 'hello.wav'), 'hello')
  await writeFile(join(place, 'outside', 'other.wav'), 'other')
  await symlink(join(place, 'outside', 'other.wav'), join(folder, 'link.wav'))
  await symlink(join(folder, 'greetings', 'hello.wav'), join(folder, 'inner-link.wav'))
  await symlink(join(place, 'outside'), join(folder, 'door'))
  await symlink(folder, join(place, 'also-calls'))
  await writeFile(join(folder, '..name.wav'), 'dots')
})

afterAll(() => rm(place, { recursive: true }))

const read = (name: string, from = folder) =>
  withScratch(async (scratch) => readFile(await copyCallFile(from, name, scratch), 'utf8'))

async function record(name: string, to = folder) {
  const { handle, path, name: told } = await createCallFile(to, name)
  await handle.close()
  return { path, name: told }
}

/** What every refusal about a file is. */
const refusal = (text: RegExp) =>
  expect.objectContaining({ status: 500, message: expect.stringMatching(text) })

describe('a file to be played', () => {
  test('is named below the folder, or by its whole path', async () => {
    expect(await read('greetings/hello.wav')).toBe('hello')
    expect(await read('greetings/../greetings//hello.wav')).toBe('hello')
    expect(await read('..name.wav')).toBe('dots')
    expect(await read(join(folder, 'greetings', 'hello.wav'))).toBe('hello')
  })

  test('is found though the folder itself is a link', async () => {
    const linked = join(place, 'also-calls')

    expect(await read('greetings/hello.wav', linked)).toBe('hello')
    expect(await read(join(linked, 'greetings', 'hello.wav'), linked)).toBe('hello')
  })

  test.each([
    '../outside/other.wav',
    'greetings/../../outside/other.wav',
    '/etc/hostname',
    '..',
    '.',
    '',
    'door/other.wav',
    'hello\0.wav',
  ])('is not %j, which is outside', async (name) => {
    await expect(read(name)).rejects.toEqual(refusal(/outside the folder of calls/))
  })

  test.each(['link.wav', 'inner-link.wav', 'greetings'])('is not %j, which is no file', async (name) => {
    await expect(read(name)).rejects.toEqual(refusal(/no regular file/))
  })

  test('is not what is not there', async () => {
    await expect(read('none.wav')).rejects.toEqual(refusal(/is not there/))
    await expect(read('none/none.wav')).rejects.toEqual(refusal(/no such folder/))
    await expect(read('hello.wav', join(place, 'nowhere'))).rejects.toEqual(
      refusal(/CALL_FILES_DIR names is not there/),
    )
  })

  test('is never waited for: a pipe is no file', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.wav')])

    await expect(read('pipe.wav')).rejects.toEqual(refusal(/no regular file/))
  })

  test('is not looked for without a folder', async () => {
    const nowhere = withScratch((scratch) => copyCallFile(undefined, 'hello.wav', scratch))

    await expect(nowhere).rejects.toEqual(refusal(/set CALL_FILES_DIR/))
    await expect(createCallFile(undefined, 'new.wav')).rejects.toEqual(refusal(/set CALL_FILES_DIR/))
  })

  test('cannot be replaced by what a link leads to while it is opened', async () => {
    const [inside, aside] = [join(folder, 'swapped'), join(folder, 'aside')]
    await mkdir(inside)
    await writeFile(join(inside, 'other.wav'), 'mine')
    const outcomes = new Set<string>()

    for (let round = 0; round < 200; round++) {
      const reading = read('swapped/other.wav').catch(() => 'refused')
      await rename(inside, aside)
      await symlink(join(place, 'outside'), inside)
      outcomes.add(await reading)
      await rm(inside)
      await rename(aside, inside)
    }

    expect(outcomes).not.toContain('other')
  })
})

describe('a file for a recording', () => {
  test('is new, and known by its name below the folder', async () => {
    const file = await record('greetings/new.wav')

    expect(file).toEqual({ path: join(folder, 'greetings', 'new.wav'), name: 'greetings/new.wav' })
    await expect(record('greetings/new.wav')).rejects.toMatchObject({ code: 'conflict' })
  })

  test.each(['../outside/new.wav', 'door/new.wav', '/tmp/new.wav', 'none/new.wav'])(
    'is not made at %j',
    async (name) => {
      await expect(record(name)).rejects.toEqual(refusal(/outside the folder|no such folder/))
    },
  )

  test('takes the place of nothing, and follows no link', async () => {
    await symlink(join(place, 'outside', 'made.wav'), join(folder, 'dangling.wav'))

    await expect(record('dangling.wav')).rejects.toMatchObject({ code: 'conflict' })
    await expect(record('link.wav')).rejects.toMatchObject({ code: 'conflict' })
    await expect(readFile(join(place, 'outside', 'made.wav'))).rejects.toThrow('ENOENT')
    expect(await readFile(join(place, 'outside', 'other.wav'), 'utf8')).toBe('other')
  })

  test('is removed again, and nothing else that has come into its place', async () => {
    const [first, second] = [await createCallFile(folder, 'one.wav'), await createCallFile(folder, 'two.wav')]
    await Promise.all([first.handle.close(), second.handle.close()])
    await rename(join(folder, 'greetings', 'hello.wav'), join(folder, 'two.wav'))

    await first.remove()
    await second.remove()

    await expect(readFile(join(folder, 'one.wav'))).rejects.toThrow('ENOENT')
    expect(await readFile(join(folder, 'two.wav'), 'utf8')).toBe('hello')
  })

  test('is called as a WAV file', async () => {
    await expect(record('page.html')).rejects.toEqual(refusal(/end in \.wav/))
  })
})
