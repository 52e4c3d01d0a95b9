// How the text of a variable becomes a setting's value; each throws an Error that ends the sentence "<variable> ...".

import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { ownMember } from '../lib/own-member.ts'

/** A whole number within bounds. */
export function integer(least: number, most: number): (text: string) => number {
  return (value) => {
    if (!/^\d+$/.test(value) || Number(value) < least || Number(value) > most) {
      throw new Error(`must be a whole number from ${least} to ${most}, not "${value}"`)
    }
    return Number(value)
  }
}

/** A number from 0 to 1000, decimals allowed. */
export function rate(value: string): number {
  if (!/^\d+(\.\d+)?$/.test(value) || Number(value) > 1_000)
    throw new Error(`must be a number from 0 to 1000, not "${value}"`)
  return Number(value)
}

/** `true`, `1`, `yes` and their opposites, in any case. */
export function bool(value: string): boolean {
  const known: Record<string, boolean> = { true: true, 1: true, yes: true, false: false, 0: false, no: false }
  const parsed = ownMember(known, value.toLowerCase())
  if (parsed === undefined) throw new Error(`must be true or false, not "${value}"`)
  return parsed
}

/** Items separated by commas; blank ones do not count. */
export function list(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Addresses, networks in CIDR form, and the names that Express has for groups of private networks. */
export function proxyAddresses(value: string): readonly string[] {
  const addresses = list(value)
  for (const entry of addresses) {
    const [address = '', bits = '0', ...rest] = entry.split('/')
    const isNetwork = /^\d+$/.test(bits) && Number(bits) <= (isIP(address) === 6 ? 128 : 32)
    if (['loopback', 'linklocal', 'uniquelocal'].includes(entry)) continue
    if (!isIP(address) || !isNetwork || rest.length > 0)
      throw new Error(`must list addresses such as 10.0.0.1 or 10.0.0.0/8, not "${entry}"`)
  }
  return addresses
}

/** Accepts the keys of `choices` in any case and yields the value they stand for. */
export function oneOf<const Choice extends string>(
  choices: Record<string, Choice>,
): (text: string) => Choice {
  return (value) => {
    const choice = Object.entries(choices).find(([name]) => name === value.toLowerCase())?.[1]
    if (choice === undefined)
      throw new Error(`must be one of ${Object.keys(choices).join(', ')}, not "${value}"`)
    return choice
  }
}

/** Dialects and where they are served: `wsgo:/`, `wuzapi:/old`; a name alone means the root. */
export function places(value: string): readonly { name: string; base: string }[] {
  return list(value).map((entry) => {
    const [name = '', base = '/', ...rest] = entry.split(':').map((part) => part.trim())
    if (rest.length === 0 && name !== '' && /^(\/|(\/[\w-][\w.-]*)+)$/.test(base)) return { name, base }
    throw new Error(`must list dialects and their paths, such as wsgo:/ or wuzapi:/old, not "${entry}"`)
  })
}

/** An HTTP address. */
export function webhookAddress(value: string): string {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value))
    throw new Error('must be an address such as https://example.com/hook')
  return value
}

/** An address of a PostgreSQL database. */
export function postgresAddress(value: string): string {
  if (!/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value)) {
    throw new Error('must be a PostgreSQL address such as postgres://user:password@host:5432/name')
  }
  return value
}

/** An address of a RabbitMQ broker. */
export function rabbitmqAddress(value: string): string {
  if (!/^amqps?:\/\//.test(value) || !URL.canParse(value)) {
    throw new Error('must be a RabbitMQ address such as amqp://user:password@host:5672/')
  }
  return value
}

/** Which WhatsApp to talk to: the real one, the simulated one inside, or a simulated one elsewhere. */
export function whatsappNetwork(value: string): 'live' | 'sandbox' | `ws://${string}` | `wss://${string}` {
  if (value === 'live' || value === 'sandbox') return value
  if (URL.canParse(value) && (isPrefixed(value, 'ws://') || isPrefixed(value, 'wss://'))) return value
  throw new Error(`must be live, sandbox or a ws:// address, not "${value}"`)
}

function isPrefixed<Prefix extends string>(value: string, prefix: Prefix): value is `${Prefix}${string}` {
  return value.startsWith(prefix)
}

/** A time zone this Node knows by name. */
export function timeZone(value: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value })
  } catch (cause) {
    throw new Error(`must be a time zone such as America/Sao_Paulo, not "${value}"`, { cause })
  }
  return value
}

/** Processes to start: a number, or `auto` for one per core. */
export function workers(value: string): number {
  return value === 'auto' ? availableParallelism() : integer(1, 64)(value)
}

/** A name that is legible in logs and lists. */
export function nodeId(value: string): string {
  if (!/^[\w.-]{1,64}$/.test(value))
    throw new Error(`must be up to 64 letters, digits, dots, dashes and underscores, not "${value}"`)
  return value
}

/** The address of another node's internal port. */
export function nodeAddress(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'http:' || url.pathname !== '/')
    throw new Error(`must be an address such as http://10.0.0.5:8081, not "${value}"`)
  return url.origin
}
