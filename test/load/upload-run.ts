import { openAsBlob } from 'node:fs'
import { open, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CONTACT, link, type RunOptions, startSandbox, startServer, tokenOf } from './bench-parts.ts'
import { until } from './client.ts'
import type { RunningProgram } from './processes.ts'
import { round } from './stats.ts'

/** What one upload cost the server. */
export interface UploadFigures {
  idleMb: number
  /** Most resident memory above idle while the file was on its way. */
  peakAboveIdleMb: number
  seconds: number
}

interface UploadOptions extends RunOptions {
  megabytes: number
}

const TOKEN = tokenOf(0)
const SAMPLE_MS = 10
const SETTLE_MS = 3_000
const MB = 1024 * 1024

/**
 * Sends a document of that size to a contact in both ways it can be sent, each through a server that has just linked
 * and is otherwise idle. Resident memory is sampled from /proc, so this needs Linux.
 */
export async function uploadRun(options: UploadOptions): Promise<Record<string, UploadFigures>> {
  const sandbox = await startSandbox()
  const server = await startServer(options, sandbox.wsUrl)
  try {
    const { client } = server
    await link(client, sandbox.control, [0], '')
    // The first text makes the encrypted session with the contact, which is no part of an upload.
    await client.sendText(TOKEN, CONTACT, 'hello')

    const file = join(options.folder, 'document.bin')
    await writeSample(file, options.megabytes)
    const figures: Record<string, UploadFigures> = {}
    for (const [way, send] of Object.entries({ json: sendJson, multipart: sendForm })) {
      options.progress(`${options.megabytes} MB as ${way}`)
      await server.program.stop()
      server.program = await server.restart()
      await until('the session', () => client.isLoggedIn(TOKEN))
      await delay(SETTLE_MS)
      figures[way] = await watched(server.program, () => send(client.base, file))
    }
    await rm(file)
    return figures
  } finally {
    await server.program.stop()
    await sandbox.program.stop()
  }
}

async function watched(program: RunningProgram, send: () => Promise<void>): Promise<UploadFigures> {
  const idleMb = program.rssMb()
  let peakMb = idleMb
  const sampler = setInterval(() => {
    peakMb = Math.max(peakMb, program.rssMb())
  }, SAMPLE_MS)
  const begun = performance.now()
  try {
    await send()
  } finally {
    clearInterval(sampler)
  }
  return {
    idleMb: round(idleMb),
    peakAboveIdleMb: round(peakMb - idleMb),
    seconds: round((performance.now() - begun) / 1000),
  }
}

async function writeSample(file: string, megabytes: number): Promise<void> {
  const block = Buffer.alloc(MB, 'Parley uploads this again and again. ')
  await writeFile(file, '')
  const handle = await open(file, 'a')
  for (let written = 0; written < megabytes; written += 1) await handle.write(block)
  await handle.close()
}

/** The body is made piece by piece, so that the sampler in this process keeps its pace. */
async function sendJson(base: string, file: string): Promise<void> {
  const upload = request(`${base}/chat/send/document`, {
    method: 'POST',
    headers: { token: TOKEN, 'content-type': 'application/json' },
  })
  const answered = new Promise<number>((resolve, reject) => {
    upload.once('error', reject)
    upload.once('response', (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
  })
  upload.write(`{"Phone":"${CONTACT}","FileName":"a.bin","Document":"data:application/octet-stream;base64,`)
  const source = await open(file)
  // Base64 pieces join without padding only when their lengths are multiples of three.
  const stream = source.createReadStream({ highWaterMark: 3 * 64 * 1024 })
  for await (const piece of stream) {
    if (!upload.write(Buffer.from(piece).toString('base64'))) {
      await new Promise((resolve) => upload.once('drain', resolve))
    }
  }
  upload.end('"}')
  const status = await answered
  if (status !== 200) throw new Error(`the document was answered with ${status}`)
}

async function sendForm(base: string, file: string): Promise<void> {
  const form = new FormData()
  form.set('Phone', CONTACT)
  form.set('FileName', 'a.bin')
  form.set('Document', await openAsBlob(file), 'a.bin')
  const response = await fetch(`${base}/chat/send/document`, {
    method: 'POST',
    headers: { token: TOKEN },
    body: form,
  })
  if (!response.ok) throw new Error(`the document was answered with ${response.status}`)
}
