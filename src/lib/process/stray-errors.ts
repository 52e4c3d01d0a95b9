import type { Logger } from './logger.ts'

/** Packages that do nothing but talk to another machine: a fault of theirs costs a connection, which comes back. */
const CLIENT_LIBRARIES = new Set([
  '@whiskeysockets/baileys',
  'aws4fetch',
  'pg',
  'pg-pool',
  'pg-protocol',
  'rabbitmq-client',
  'socks',
  'undici',
  'werift',
  'werift-sctp',
  'ws',
])

/** What a socket says that its owner has let go of without taking its last error. */
const NETWORK_CODES = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
])

/** What `contain` puts between a socket and the listeners of a library, and what does nothing there. */
const PASSES_ON = /\bcontained \[as emit\]/

/**
 * The last net under everything that listens for its own errors. An exception ends the process unless it is certain
 * that nothing of ours was interrupted: it comes from a library that talks to another machine, and no code but that
 * library's was running. A rejection nobody waited for interrupted nothing, so it is only told: most are the WhatsApp
 * library's, and a fault there must stay in its session.
 */
export function catchStrayErrors(log: Logger): void {
  process.on('unhandledRejection', (error) => {
    log.error({ err: error, source: sourceOf(error) }, 'unhandled rejection')
  })
  process.on('uncaughtException', (error) => {
    const source = sourceOf(error)
    if (isAboutConnection(source)) {
      log.error(
        { err: error, source },
        'a connection failed outside its own error handling; the server goes on',
      )
      return
    }
    log.fatal({ err: error, source }, 'an exception that nothing caught; the process ends')
    process.stderr.write(`${error.stack ?? error}\n`)
    process.exit(1)
  })
}

/**
 * Where an error was thrown: `parley` when code of ours took part, else the name of a package whose code was running,
 * one that is more than a client library where there is any; `network` for the error of a socket; `unknown`.
 */
function sourceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const packages = framesOf(error).map(packageOf)
  if (packages.includes('parley')) return 'parley'
  const named = packages.find((name) => !CLIENT_LIBRARIES.has(name)) ?? packages[0]
  if (named !== undefined) return named
  return 'code' in error && NETWORK_CODES.has(String(error.code)) ? 'network' : 'unknown'
}

function isAboutConnection(source: string): boolean {
  return source === 'network' || CLIENT_LIBRARIES.has(source)
}

/** The files an error passed through, without Node's own. */
function framesOf({ stack = '' }: Error): string[] {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return frames.filter((line) => !/[ (]node:|<anonymous>\)?$/.test(line) && !PASSES_ON.test(line))
}

function packageOf(frame: string): string {
  const [, inside] = /.*[\\/]node_modules[\\/](.+)$/.exec(frame) ?? []
  if (inside === undefined) return 'parley'
  const [scope = '', name = ''] = inside.split(/[\\/]/)
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}
