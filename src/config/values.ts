// What the text of a variable may be, and the value it stands for. What is wrong ends the sentence "<variable> ...".

import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { z } from 'zod'

/** Any text. */
export const text = z.string()

const LANGUAGES_ERROR = 'must be languages such as de-DE,de;q=0.9,en;q=0.5'
const LANGUAGE = /^(\*|[a-z]{1,8}(-[a-z\d]{1,8})*)(;q=[01](\.\d{1,3})?)?$/i

/** Languages as HTTP has them in `Accept-Language` (RFC 9110, section 12.5.4). */
export const languages = z
  .string()
  .max(200, LANGUAGES_ERROR)
  .refine((given) => given.split(/, ?/).every((one) => LANGUAGE.test(one)), LANGUAGES_ERROR)

/** A whole number within bounds. */
export function integer(least: number, most: number) {
  return number(/^\d+$/, [least, most], `must be a whole number from ${least} to ${most}`)
}

/** A number from 0 to 1000, decimals allowed. */
export const rate = number(/^\d+(\.\d+)?$/, [0, 1_000], 'must be a number from 0 to 1000')

function number(form: RegExp, [least, most]: [number, number], error: string) {
  return z
    .string()
    .regex(form, error)
    .transform(Number)
    .pipe(z.number(error).min(least, error).max(most, error))
}

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const TIME_ERROR = 'must be a time such as 30s, 10m or 1h, of a day at most'

/** A time as Go writes it: `500ms`, `10m`, `1h30m`. Yields milliseconds. */
export const interval = z
  .string()
  .regex(/^(\d+(\.\d+)?(ms|s|m|h))+$|^0$/, TIME_ERROR)
  .transform(toMilliseconds)
  .pipe(z.number(TIME_ERROR).max(24 * UNITS.h, TIME_ERROR))

/** Milliseconds of a time in Go's form. */
export function toMilliseconds(given: string): number {
  let total = 0
  for (const [, amount, unit] of given.matchAll(/([\d.]+)(ms|s|m|h)/g))
    total += Number(amount) * UNITS[unit as keyof typeof UNITS]
  return total
}

/** A size with a suffix: `8M`, `512K`, `1G`; a bare number is bytes. Yields bytes. */
export const size = z
  .string()
  .regex(/^\d{1,10}[kmg]?b?$/i, 'must be a size such as 8M, 512K or 1G')
  .transform((given) => {
    const unit = /[kmg]/i.exec(given)?.[0].toLowerCase() ?? ''
    return Number.parseInt(given, 10) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit)
  })
  .pipe(
    z
      .number()
      .min(1024, 'must be 1K at least')
      .max(2 ** 31, 'must be 2G at most'),
  )

/** `true`, `t`, `1`, `yes` and their opposites, in any case: all that Go takes, and more. */
export const bool = z.stringbool({
  truthy: ['true', 't', '1', 'yes'],
  falsy: ['false', 'f', '0', 'no'],
  error: 'must be true or false',
})

/** One of some words, in any case. */
export function oneOf<const Word extends string>(...words: Word[]) {
  return z
    .string()
    .toLowerCase()
    .pipe(z.enum(words, `must be one of ${words.join(', ')}`))
}

/** How a connection to PostgreSQL is encrypted; `true` and `false` are wuzapi's words. */
export const sslMode = oneOf('disable', 'false', 'require', 'true', 'verify-full').transform((mode) => {
  if (mode === 'true') return 'require'
  return mode === 'false' ? 'disable' : mode
})

/** What is logged; `panic` is wuzapi's word for the worst. */
export const logLevel = oneOf(
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'panic',
  'silent',
).transform((level) => (level === 'panic' ? 'fatal' : level))

/** Items separated by `separator`; blank ones do not count. */
export function list(separator = ',') {
  return z.string().transform((value) =>
    value
      .split(separator)
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
}

/** Addresses, networks in CIDR form, and the names that Express has for groups of private networks. */
export const proxyAddresses = list().pipe(
  z.array(z.string().refine(isProxyAddress, 'must list addresses such as 10.0.0.1 or 10.0.0.0/8')),
)

// Not zod's own formats: the address of a proxy may name its interface (`fe80::1%eth0`).
function isProxyAddress(entry: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(entry)) return true
  const [, address = '', bits = '0'] = /^([^/]*)(?:\/(\d+))?$/.exec(entry) ?? []
  return isIP(address) > 0 && Number(bits) <= (isIP(address) === 6 ? 128 : 32)
}

// A name that holds more than blanks, and the path after a colon.
const PLACE = /^[^:]*[^:\s]\s*(:\s*(\/|(\/[\w-][\w.-]*)+))?$/

/** Dialects and where they are served: `wsgo:/`, `wuzapi:/old`; a name alone means the root. */
export const places = list().pipe(
  z.array(
    z
      .string()
      .regex(PLACE, 'must list dialects and their paths, such as wsgo:/ or wuzapi:/old')
      .transform((entry) => {
        const [name = '', base = '/'] = entry.split(':').map((part) => part.trim())
        return { name, base }
      }),
  ),
)

/** An HTTP address. */
export const webhookAddress = address(/^https?:\/\//, 'must be an address such as https://example.com/hook')

/** An address of a PostgreSQL database. */
export const postgresAddress = address(
  /^postgres(ql)?:\/\//,
  'must be a PostgreSQL address such as postgres://user:password@host:5432/name',
)

/** An address of a RabbitMQ broker. */
export const rabbitmqAddress = address(
  /^amqps?:\/\//,
  'must be a RabbitMQ address such as amqp://user:password@host:5672/',
)

function address(beginning: RegExp, error: string) {
  return z.url(error).regex(beginning, error)
}

const NETWORKS = 'must be live, sandbox or a ws:// address'

/** Which WhatsApp to talk to: the real one, the simulated one inside, or a simulated one elsewhere. */
export const whatsappNetwork = z.union(
  [
    z.enum(['live', 'sandbox']),
    z.templateLiteral([z.enum(['ws', 'wss']), '://', z.string()]).refine(URL.canParse, NETWORKS),
  ],
  NETWORKS,
)

/** A time zone this Node knows by name. */
export const timeZone = z.string().refine(isTimeZone, 'must be a time zone such as America/Sao_Paulo')

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

/** Processes to start: a number, or `auto` for one per core. */
export const workers = z.union(
  [z.literal('auto').transform(() => availableParallelism()), integer(1, 64)],
  'must be auto or a whole number from 1 to 64',
)

/** A name that is legible in logs and lists. */
export const nodeId = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'must be up to 64 letters, digits, dots, dashes and underscores')

/** The address of another node's internal port. */
export const nodeAddress = z
  .string()
  .refine(isPlainOrigin, 'must be an address such as http://10.0.0.5:8081')
  .transform((value) => new URL(value).origin)

function isPlainOrigin(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined
  return url?.protocol === 'http:' && url.pathname === '/'
}
