import { releaseIdleMemory } from './app/idle-memory.ts'
import { openLog } from './app/open-log.ts'
import { type Parley, startParley } from './app/parley.ts'
import { startPrimary } from './app/primary.ts'
import { runWorker } from './app/worker.ts'
import { WORKER_VARIABLE, WorkerFailure } from './cluster/workers.ts'
import { answerTo, warningsOf } from './config/command-line.ts'
import { type Config, ConfigError, loadConfig } from './config/config.ts'
import { InstallationError } from './lib/process/installation-error.ts'
import { takeStandardOutput } from './lib/process/line-output.ts'
import { catchStrayErrors } from './lib/process/stray-errors.ts'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

async function main(): Promise<void> {
  const args = process.argv.slice(2)
  const answer = answerTo(args)
  if (answer !== undefined) {
    process.stdout.write(answer)
    return
  }
  const config = loadConfig(process.env, args)
  // Before anything may print.
  const output = config.mode === 'stdio' ? takeStandardOutput() : undefined
  const log = openLog(config)
  catchStrayErrors(log)
  const worker = process.env[WORKER_VARIABLE]
  if (worker) {
    await runWorker(config, Number(worker))
    return
  }
  for (const reason of warningsOf(args)) log.warn({ reason }, 'the command line is not followed as a whole')
  if (config.workers > 1) {
    const primary = await startPrimary(config)
    process.stdout.write(greeting(primary, config))
    // Each worker limits its own end.
    stopOnSignal(() => primary.stop())
    return
  }
  const parley = await startParley(config, output && { pipe: { input: process.stdin, output } })
  releaseIdleMemory(log)
  // In the mode stdio this is standard error.
  process.stdout.write(greeting(parley, config))
  const stop = stopOnSignal(() => stopInTime(parley))
  // Whoever has started this program for itself alone has gone.
  void parley.ended.then(stop)
}

/** Stops when the system asks for it; returns what stops without being asked. */
function stopOnSignal(stop: () => Promise<void>): () => void {
  let isStopping = false
  const once = () => {
    if (isStopping) return
    isStopping = true
    void stop().then(() => process.exit(0))
  }
  for (const signal of STOP_SIGNALS) process.on(signal, once)
  return once
}

async function stopInTime(parley: Parley): Promise<void> {
  const { log, config } = parley.services
  log.info('stopping')
  const tooLong = setTimeout(() => {
    log.error('stopping took too long; leaving')
    process.exit(1)
  }, config.shutdownGraceMs + 15_000).unref()
  await parley.stop()
  clearTimeout(tooLong)
}

/** Why it could not start: a sentence for what the person can change, the stack for everything else. */
function reason(error: unknown): string {
  if (error instanceof ConfigError || error instanceof WorkerFailure || error instanceof InstallationError)
    return error.message
  if (!(error instanceof Error)) return String(error)
  // A system error of `listen` carries the port it was about.
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE') return `port ${port} is in use; stop what runs there, or set PORT to another one`
  if (code === 'EACCES' && port) return `port ${port} needs more rights; set PORT to one above 1023`
  return error.stack ?? error.message
}

function greeting({ url, adminToken }: { url: string; adminToken: string }, config: Config): string {
  const simulated = config.whatsappNetwork !== 'live'
  const places =
    config.mode === 'stdio'
      ? ['  Standard input and output, a line of JSON each']
      : [`  Console      ${url}/`, `  API          ${url}/api/`]
  return [
    '',
    `  Parley is running${simulated ? ' on a SIMULATED WhatsApp network' : ''}.`,
    ...places,
    // The output of a service is kept: a token that somebody chose is known already and must not stay there.
    `  Admin token  ${config.adminToken ? 'the one in ADMIN_TOKEN' : adminToken}`,
    '',
    '',
  ].join('\n')
}

main().catch((error: unknown) => {
  // Before the logger exists, and for errors a person at the terminal must read.
  process.stderr.write(`Parley could not start: ${reason(error)}\n`)
  process.exit(1)
})
