import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import { currentRequest } from './request-context.ts'

/** The one structured logger; pass it (or a child) as a parameter. */
export type Logger = PinoLogger

/** Members that never reach a log line, at the top, one level down, and in request headers. */
const redactedMembers = [
  'token',
  'adminToken',
  'metricsToken',
  'authorization',
  'admintoken',
  'cookie',
  'hmacKey',
  'globalHmacKey',
  'encryptionKey',
  'secretKey',
  'accessKey',
  'password',
  'databaseUrl',
  'proxyUrl',
  'creds',
  'qr',
]

/** Where PostgreSQL puts the values of a row into its errors. */
const rowMembers = ['detail', 'where']

/**
 * Starts a logger that prints JSON lines; `destination` replaces standard output. What happens on behalf of a request
 * says so: `request` is its id.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: undefined,
    mixin: () => {
      const request = currentRequest()
      return request === undefined ? {} : { request }
    },
    redact: {
      paths: [
        ...redactedMembers.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        ...rowMembers.map((name) => `err.${name}`),
      ],
      censor: '[redacted]',
    },
  }
  return destination ? pino(options, destination) : pino(options)
}
