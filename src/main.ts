import { ConfigError, loadConfig } from './config.ts'
import { type Parley, startParley } from './parley.ts'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

async function main(): Promise<void> {
  const config = loadConfig(process.env)
  const parley = await startParley(config)
  process.stdout.write(greeting(parley, config.adminToken))

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

/** Why it could not start: a sentence for what the person can change, the stack for everything else. */
function reason(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  if (!(error instanceof Error)) return String(error)
  // A system error of `listen` carries the port it was about.
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') return `port ${port} is in use; stop what runs there, or set PORT to another one`
  if (code === 'EACCES' && port) return `port ${port} needs more rights; set PORT to one above 1023`
  return error.stack ?? error.message
}

function greeting({ url, adminToken, services }: Parley, chosenToken: string | undefined): string {
  const simulated = services.config.whatsappNetwork !== 'live'
  return [
    '',
    `  Parley is running${simulated ? ' on a SIMULATED WhatsApp network' : ''}.`,
    `  Page         ${url}/`,
    `  Dashboard    ${url}/dashboard/`,
    `  API          ${url}/api/`,
    // The output of a service is kept: a token that somebody chose is known already and must not stay there.
    `  Admin token  ${chosenToken ? 'the one in ADMIN_TOKEN' : adminToken}`,
    '',
    '',
  ].join('\n')
}

main().catch((error: unknown) => {
  // Before the logger exists, and for errors a person at the terminal must read.
  process.stderr.write(`Parley could not start: ${reason(error)}\n`)
  process.exit(1)
})
