import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bucketAddress, objectAddress } from '../../src/media/bucket/s3-address.ts'
import type { S3Settings } from '../../src/store/users/users.ts'
import { freePort } from './free-port.ts'
import { isSigned } from './s3-signature.ts'

const BUCKET = 'media'
// The only pair s3rver knows.
const KEY = 'S3RVER'

/** A storage that speaks S3: s3rver, with a check of signatures in front of it, which s3rver itself does not do. */
export interface TestStorage {
  /** Settings of a user of its one bucket. */
  settings: S3Settings
  /** What anybody gets at the address of an object. */
  get(key: string): Promise<Response>
  /** Makes every object look as if it had been put that long ago. */
  age(ms: number): Promise<void>
  close(): Promise<void>
}

export async function startStorage(): Promise<TestStorage> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-s3-'))
  const backend = await startS3rver(directory)
  const front = createServer((request, response) => void pass(request, response, backend.port))
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  const { port } = front.address() as AddressInfo
  const settings: S3Settings = {
    enabled: true,
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    bucket: BUCKET,
    accessKey: KEY,
    secretKey: KEY,
    pathStyle: true,
    publicUrl: '',
    retentionDays: 30,
  }
  return {
    settings,
    get: (key) => fetch(objectAddress(bucketAddress(settings), key)),
    age: async (ms) => {
      const then = new Date(Date.now() - ms)
      for (const name of await readdir(directory, { recursive: true }))
        await utimes(join(directory, name), then, then)
    },
    close: async () => {
      front.closeAllConnections()
      await new Promise((resolve) => front.close(resolve))
      await backend.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function startS3rver(directory: string): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await freePort()
  const program = createRequire(import.meta.url).resolve('s3rver/bin/s3rver.js')
  const child = spawn(
    process.execPath,
    [
      // It encrypts the places where lists are continued with DES.
      '--openssl-legacy-provider',
      program,
      ...['--address', '127.0.0.1', '--port', String(port), '--directory', directory],
      ...['--configure-bucket', BUCKET, '--no-vhost-buckets', '--silent'],
    ],
    { stdio: 'ignore' },
  )
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for (let attempt = 0; !(await accepts(port)); attempt++) {
    if (attempt > 100 || child.exitCode !== null) throw new Error('s3rver did not start')
    await sleep(50)
  }
  return {
    port,
    stop: async () => {
      child.kill()
      await exited
    },
  }
}

async function pass(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const isPublic = request.method === 'GET' && !request.headers.authorization
  const access = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1]
  if (!isPublic && access === KEY && !isSigned(request, body, { access: KEY, secret: KEY })) {
    response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>')
    return
  }
  const { method, url: path, headers } = request
  const onward = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  onward.end(body)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
