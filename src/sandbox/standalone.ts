import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { type Sandbox, startSandbox } from './index.ts'
import { keepState, readStateFile } from './saved/state-file.ts'
import { openDoorway } from './server/doorway.ts'
import { selfSignedCertificate } from './server/self-signed.ts'
import { startTlsFront } from './server/tls-front.ts'

const USAGE = 'npm run sandbox -- [--port 5222] [--host 127.0.0.1] [--control-port N] [--tls] [--state FILE]'

interface Settings {
  host: string
  port: number
  /** A second port with nothing but the control plane, never encrypted. */
  controlPort: number | undefined
  tls: boolean
  /** Where its state is kept from one run to the next. */
  stateFile: string | undefined
}

/** Runs the sandbox as a process of its own until it is told to stop. */
async function main(): Promise<void> {
  const settings = readArguments(process.argv.slice(2))
  // With TLS the sandbox itself hides behind the front, on a port nobody needs to know.
  const sandbox = await startFromFile(settings)
  const front = settings.tls ? await coverWithTls(sandbox, settings) : undefined
  const control = settings.controlPort === undefined ? undefined : await startControl(sandbox, settings)
  const { stateFile } = settings
  const kept = stateFile === undefined ? undefined : await keepState(sandbox, stateFile, notSaved)
  const url = front ? `wss://${settings.host}:${front.port}/ws/chat` : sandbox.url
  process.stdout.write(greeting(url, control?.url ?? url.replace(/^ws(s?):(.*)\/ws\/chat$/, 'http$1:$2')))

  const stop = async () => {
    await control?.stop()
    await front?.stop()
    await sandbox.stop()
    await kept?.stop().catch((error: unknown) => {
      notSaved(error)
      process.exitCode = 1
    })
    process.exit()
  }
  process.once('SIGINT', () => void stop())
  process.once('SIGTERM', () => void stop())
}

function readArguments(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '5222' },
      'control-port': { type: 'string' },
      tls: { type: 'boolean', default: false },
      state: { type: 'string' },
    },
  })
  const controlPort = values['control-port']
  return {
    host: values.host,
    port: portNumber(values.port),
    controlPort: controlPort === undefined ? undefined : portNumber(controlPort),
    tls: values.tls,
    stateFile: values.state,
  }
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${text} is not a port`)
  return port
}

async function startFromFile({ host, port, tls, stateFile }: Settings): Promise<Sandbox> {
  const address = { host, port: tls ? 0 : port }
  if (stateFile === undefined) return startSandbox(address)
  return startSandbox({ ...address, state: await readStateFile(stateFile) })
}

async function coverWithTls(sandbox: Sandbox, { host, port }: Settings) {
  const certificate = selfSignedCertificate(['localhost', '127.0.0.1', host, 'mmg.whatsapp.net'])
  const target = { host, port: Number(new URL(sandbox.url).port) }
  const front = await startTlsFront({ host, port, certificate, target })
  // Clients that come over TLS need no redirection: the front is a media host they can reach.
  sandbox.network.media.hostname = `${host}:${front.port}`
  return front
}

async function startControl(sandbox: Sandbox, { host, controlPort }: Settings) {
  const server = createServer(openDoorway(() => sandbox, { host, servesMedia: false }))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(controlPort, host, resolve)
  })
  // A listening TCP server's address is always an object.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${port}`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

function greeting(url: string, controlUrl: string): string {
  return [
    '',
    '  A simulated WhatsApp is running. Nothing leaves this machine.',
    `  Network  WHATSAPP_NETWORK=${url}`,
    `  Control  ${controlUrl}/sandbox/state`,
    '',
    '',
  ].join('\n')
}

function notSaved(error: unknown): void {
  process.stderr.write(`The state of the sandbox was not saved: ${reasonOf(error)}\n`)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

main().catch((error: unknown) => {
  process.stderr.write(`The sandbox could not start: ${reasonOf(error)}\n  ${USAGE}\n`)
  process.exit(1)
})
