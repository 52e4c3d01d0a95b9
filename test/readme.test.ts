import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from './helpers/free-port.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
/** The commands, one text for each block. */
const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts

/** A server that a command of the README has started, its output, and its port in place of 8080. */
class Started {
  readonly port: number
  readonly #child: ChildProcess
  #output = ''

  private constructor(command: string, port: number, env: Record<string, string>) {
    this.port = port
    this.#child = spawn('sh', ['-c', `exec ${command}`], {
      cwd: root,
      // A group of its own: npm does not pass signals on.
      detached: true,
      env: { ...process.env, PORT: String(port), ...env },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (text) => (this.#output += text))
  }

  /** Starts it; resolves when it has printed what matches. */
  static async run(command: string, until: RegExp, env: Record<string, string> = {}): Promise<Started> {
    const started = new Started(command, await freePort(), env)
    const isThere = () => expect(started.#output).toMatch(until)
    await vi.waitFor(isThere, { timeout: 110_000, interval: 200 })
    return started
  }

  /** What it has printed that matches. */
  printed(pattern: RegExp): string {
    return pattern.exec(this.#output)?.[1] ?? ''
  }

  /** What the commands of a block answer, with what stands for something replaced. */
  async ask(block: string, values: Record<string, string> = {}): Promise<string> {
    let commands = block.replaceAll('localhost:8080', `127.0.0.1:${this.port}`)
    for (const [word, value] of Object.entries(values)) commands = commands.replaceAll(word, value)
    const { stdout } = await promisify(execFile)('sh', [
      '-ec',
      commands.replaceAll('curl ', 'curl -sS --fail-with-body '),
    ])
    return stdout
  }

  async stop(): Promise<void> {
    const gone = new Promise((done) => this.#child.once('exit', done))
    if (this.#child.pid !== undefined && this.#child.exitCode === null) {
      process.kill(-this.#child.pid, 'SIGTERM')
      await gone
    }
  }
}

/** The block with these words in it, and in no other. */
function blockWith(words: string): string {
  const found = blocks.filter((block) => block.includes(words))
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}

/** A line of a block without the comment behind it. */
const commandsOf = (block: string) => block.split('\n').map((line) => line.replace(/ +#.*/, '').trim())

describe('the demo of the README', () => {
  let demo: Started
  beforeAll(async () => {
    const [command = ''] = commandsOf(blockWith('npm run demo'))
    demo = await Started.run(command, /The page:/)
  })
  afterAll(() => demo?.stop())

  test('answers the first message as it says', async () => {
    const block = blockWith("Token: demo'")

    const answer = await demo.ask(block)

    expect(answer).toContain('"success":true')
    // The contact answers a moment later, and the second command is given again.
    const history = block.slice(block.indexOf("curl 'http"))
    await expect.poll(() => demo.ask(history)).toContain('You wrote: Hello')
  })
})

describe('the server of the README', () => {
  let folder: string
  let server: Started
  const user = { 'THE-USERS-TOKEN': 'readme-token' }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-readme-'))
    const [command = ''] = commandsOf(blockWith('npm start '))
    // Of WhatsApp there is a simulated one only.
    server = await Started.run(command, /Admin token +\S+/, {
      HOST: '127.0.0.1',
      DATA_DIR: folder,
      WHATSAPP_NETWORK: 'sandbox',
      ADMIN_TOKEN: '',
    })
  })
  afterAll(async () => {
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('links a phone and sends, with the commands and the token that it printed', async () => {
    const admin = server.printed(/Admin token +(\S+)/)
    const control = (path: string, body: object) =>
      fetch(`http://127.0.0.1:${server.port}/sandbox${path}`, {
        method: 'POST',
        headers: { authorization: admin },
        body: JSON.stringify(body),
      })

    const shown = await server.ask(blockWith('THE-ADMIN-TOKEN'), { ...user, 'THE-ADMIN-TOKEN': admin })

    // There is a code at once: the line before it has waited.
    expect(shown).toContain('data:image/png;base64,')
    await control('/contacts', { phone: '4915112345678', name: 'Ada' })
    await control('/scan', { phone: '4915550000001', name: 'Shop' })
    const [status = '', send = ''] = blockWith('4915112345678').split(/^(?=curl -X)/m)
    await expect.poll(() => server.ask(status, user)).toContain('"loggedIn":true')
    expect(await server.ask(send, user)).toContain('"success":true')
  })
})

test('every other command of the README is one that there is', () => {
  const tried = ['npm run demo', "Token: demo'", 'npm start ', 'THE-ADMIN-TOKEN', '4915112345678']
  const others = blocks.filter((block) => !tried.some((words) => block.includes(words)))

  // They test everything, or run for minutes or for ever.
  expect(others).toHaveLength(1)
  for (const command of others.flatMap(commandsOf).filter(Boolean)) {
    const name = /^npm (?:run )?([\w-]+)/.exec(command)?.[1] ?? ''
    expect(Object.keys(scripts)).toContain(name)
  }
})

test('every link between the pages leads somewhere', () => {
  const pages = ['.', 'docs', 'docs/adr'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  )

  expect(pages.flatMap(brokenLinks)).toEqual([])
})

/** Links of a page to files that are not there, and to headings that they do not have. */
function brokenLinks(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', heading] = link.split('#')
      const target = path === '' ? join(root, page) : resolve(root, dirname(page), path)
      if (!existsSync(target)) return true
      return heading !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(heading)
    })
    .map((link) => `${page}: ${link}`)
}

/** The anchors of a page's headings, as the usual viewers make them. */
function anchorsOf(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
