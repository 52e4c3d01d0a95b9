import { ConfigError, loadConfig } from './config.ts'
import { type Parley, startParley } from './parley.ts'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

async function main(): Promise<void> {
  const parley = await startParley(loadConfig(process.env))
  process.stdout.write(greeting(parley))

  // A fault inside the WhatsApp library must stay in its session (DESIGN C.10); the sessions' own errors are handled.
  process.on('unhandledRejection', (error) =>
    parley.services.log.error({ err: error }, 'unhandled rejection'),
  )
  for (const signal of STOP_SIGNALS) {
    process.once(signal, () => {
      void stop(parley)
    })
  }
}

async function stop(parley: Parley): Promise<void> {
  const { log, config } = parley.services
  log.info('stopping')
  const tooLong = setTimeout(() => {
    log.error('stopping took too long; leaving')
    process.exit(1)
  }, config.shutdownGraceMs + 15_000).unref()
  await parley.stop()
  clearTimeout(tooLong)
  process.exit(0)
}

function greeting({ url, adminToken, services }: Parley): string {
  const simulated = services.config.whatsappNetwork !== 'live'
  return [
    '',
    `  Parley is running${simulated ? ' on a SIMULATED WhatsApp network' : ''}.`,
    `  Page         ${url}/`,
    `  API          ${url}/api/`,
    `  Admin token  ${adminToken}`,
    '',
    '',
  ].join('\n')
}

main().catch((error: unknown) => {
  // Before the logger exists, and for errors a person at the terminal must read.
  const text =
    error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`Parley could not start: ${text}\n`)
  process.exit(1)
})
