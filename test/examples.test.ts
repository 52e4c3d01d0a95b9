import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from './helpers/app.ts'
import { freePort } from './helpers/free-port.ts'

const receivers = join(import.meta.dirname, '../examples/receivers')

/** How each receiver is started, and whether its language is on this machine. */
const LANGUAGES = [
  ['node', () => [process.execPath, 'receiver.mjs']],
  ['python', () => ['python3', 'receiver.py']],
  ['php', (port: number) => ['php', '-S', `127.0.0.1:${port}`, 'receiver.php']],
  ['go', () => ['go', 'run', 'receiver.go']],
] as const

function isThere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('the receivers', { timeout: 120_000 }, () => {
  let app: TestApp
  let user: LinkedUser
  const cache = mkdtempSync(join(tmpdir(), 'parley-go-'))
  const started: ChildProcess[] = []

  beforeAll(async () => {
    app = await TestApp.start()
    user = await app.linkedUser()
  })
  afterAll(async () => {
    // `go run` starts a program of its own: the whole group ends.
    for (const { pid } of started) if (pid !== undefined) process.kill(-pid)
    rmSync(cache, { recursive: true, force: true })
    await app.close()
  })

  test.each(LANGUAGES)('in %s believes what is signed and nothing else', async (language, command) => {
    const port = await freePort()
    const [program = '', ...parameters] = command(port)
    if (!isThere(program)) return
    const { secret } = (await app.post('/parley/me/secret', user.token)).json
    const receiver = spawn(program, parameters, {
      cwd: join(receivers, language),
      env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port), GOCACHE: cache },
      detached: true,
    })
    started.push(receiver)
    let printed = ''
    receiver.stdout.on('data', (piece) => {
      printed += String(piece)
    })
    const url = `http://127.0.0.1:${port}/`
    const forged = { 'webhook-id': 'dlv_1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' }
    const refusal = await app.waitFor(
      'the receiver',
      () => fetch(url, { method: 'POST', headers: forged, body: '{}' }).catch(() => undefined),
      100_000,
    )

    await app.post('/webhook', user.token, { webhookURL: url, events: ['All'] })
    await app.request('POST', `/parley/users/${user.id}/test-event`, { admin: true, body: {} })

    expect(refusal.status).toBe(401)
    await app.waitFor('the event', () => printed.includes('"Test"') || printed.includes('Test'))
  })
})
