import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isInstalled } from './proxies.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const dockerfile = read('Dockerfile')

/** What the image's ffmpeg is built with: `--enable-demuxer=…` and its like. */
function built(kind: string): string[] {
  return new RegExp(`--enable-${kind}=(\\S+)`).exec(dockerfile)?.[1]?.split(',') ?? []
}

/** The sources that start ffmpeg, as one text. */
const conversions = ['src/media/convert', 'src/calls']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.ts'))
  .map(read)
  .join('\n')

test("the image's ffmpeg reads every container that is let through", () => {
  const formats = /const FORMATS =\s*'([^']+)'/.exec(conversions)?.[1]?.split(',') ?? []
  const demuxers = built('demuxer').map((name) => name.replace(/^image_/, ''))

  expect(formats.length).toBeGreaterThan(10)
  expect(demuxers.sort()).toEqual(formats.sort())
})

test("the image's ffmpeg has the codecs, containers and filters that conversions name", () => {
  const named = (option: RegExp) => [...conversions.matchAll(option)].map(([, name = '']) => name)
  const encoders = named(/'-c:[av]', '(\w+)'/g).filter((name) => name !== 'copy')
  const muxers = named(/'-f',\s*'(\w+)'/g).map((name) => ({ s16le: 'pcm_s16le' })[name] ?? name)
  const filters = named(/[`',](\w+)=/g).filter((name) =>
    /^(crop|format|fps|pad|scale|setparams|setsar|tile)$/.test(name),
  )

  expect(encoders).toContain('libx264')
  expect(encoders.filter((name) => !built('encoder').includes(name))).toEqual([])
  expect(muxers).toContain('mp4')
  expect(muxers.filter((name) => !built('muxer').includes(name))).toEqual([])
  expect(filters).toContain('scale')
  expect(filters.filter((name) => !built('filter').includes(name))).toEqual([])
})

test('the image is built from exact versions, for any architecture', () => {
  const bases = [...dockerfile.matchAll(/^ARG \w+_IMAGE=(.*)$/gm)].map(([, image = '']) => image)

  expect(bases).toHaveLength(2)
  for (const image of bases) expect(image).toMatch(/:\d+\.\d+/)
  expect(dockerfile).not.toMatch(/x86_64|amd64|aarch64/)
  expect(dockerfile).toContain(`ARG VERSION=${JSON.parse(read('package.json')).version}`)
})

test('every package with a program of its own for x64 has one for arm64', () => {
  const names = Object.keys(JSON.parse(read('package-lock.json')).packages)
  const native = names.filter((name) => /linux(-|musl-)?x64|linux-x64/.test(name))

  expect(native.length).toBeGreaterThan(1)
  expect(native.filter((name) => !names.includes(name.replace('x64', 'arm64')))).toEqual([])
})

test.skipIf(!isInstalled('systemd-analyze', '--version'))(
  'systemd understands the unit, and it is contained',
  () => {
    const unit = join(root, 'deploy/systemd/parley.service')

    execFileSync('systemd-analyze', ['verify', unit], { stdio: 'pipe' })

    // Ten is a program that may do everything.
    execFileSync('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit], { stdio: 'pipe' })
  },
)
