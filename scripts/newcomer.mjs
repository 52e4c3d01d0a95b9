import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.mjs'
import { projectRoot } from './launch.mjs'

/**
 * What a stranger does, timed: clones the repository as it is committed, runs the README's one command, sends the first text and
 * reads the reply. `npm run newcomer`; with an address behind it that is cloned instead.
 */
const source = process.argv[2] ?? projectRoot
const WITHIN_MS = 15 * 60_000
const folder = mkdtempSync(join(tmpdir(), 'parley-newcomer-'))
const clone = join(folder, 'parley')
const startedAt = Date.now()
const port = await freePort()
const base = `http://127.0.0.1:${port}`
let demo

try {
  execFileSync('git', [
    'clone',
    '--quiet',
    '--depth',
    '1',
    source.startsWith('/') ? `file://${source}` : source,
    clone,
  ])
  told('cloned')
  await ready()
  told('everything installed and built, a phone linked')
  await firstReply()
  told('the first text is answered')
} finally {
  if (demo?.exitCode === null) process.kill(-demo.pid, 'SIGTERM')
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 })
}

/** Resolves when the demo has printed what to do with it. */
function ready() {
  // A group of its own: npm does not pass signals on.
  demo = spawn('npm', ['run', 'demo'], {
    cwd: clone,
    detached: true,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error('the demo does not start')), WITHIN_MS)
    demo.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)))
    demo.stdout.on('data', (text) => {
      if (!String(text).includes('The page:')) return
      clearTimeout(tooLate)
      resolve()
    })
  })
}

async function firstReply() {
  const headers = { Token: 'demo', 'Content-Type': 'application/json' }
  const body = JSON.stringify({ Phone: '4915550001234', Body: 'Hello' })
  const sent = await fetch(`${base}/chat/send/text`, { method: 'POST', headers, body })
  if (!sent.ok) throw new Error(`the text was answered ${sent.status}: ${await sent.text()}`)
  const history = `${base}/chat/history?chat_jid=4915550001234@s.whatsapp.net`
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    const reply = await fetch(history, { headers })
    if ((await reply.text()).includes('You wrote: Hello')) return
    await sleep(50)
  }
  throw new Error('nobody has answered within a minute')
}

function told(what) {
  console.log(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${what}`)
}
