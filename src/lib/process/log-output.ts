import { type DestinationStream, pino } from 'pino'

/** How log lines are printed. */
export interface LogFormat {
  /** Standard output belongs to somebody else. */
  toStandardError: boolean
  isForPeople: boolean
  /** With the colours of a terminal; for people only. */
  hasColor: boolean
}

const LEVELS: Record<number, { name: string; color: number }> = {
  10: { name: 'TRACE', color: 90 },
  20: { name: 'DEBUG', color: 34 },
  30: { name: 'INFO', color: 32 },
  40: { name: 'WARN', color: 33 },
  50: { name: 'ERROR', color: 31 },
  60: { name: 'FATAL', color: 31 },
}

/** Where a logger of this process writes. Lines are written at once: the last ones before an end are the important ones. */
export function logOutput({ toStandardError, isForPeople, hasColor }: LogFormat): DestinationStream {
  const output = pino.destination({ dest: toStandardError ? 2 : 1, sync: true })
  return isForPeople ? { write: (line) => void output.write(`${forPeople(line, hasColor)}\n`) } : output
}

/** A JSON line of the logger as text: time, level, message, fields, and the stack of an error below. */
export function forPeople(line: string, hasColor: boolean): string {
  const { time, level, msg = '', err, ...fields } = JSON.parse(line)
  const { name, color } = LEVELS[level] ?? { name: String(level), color: 0 }
  const shown = hasColor ? `\u001b[${color}m${name}\u001b[0m` : name
  const told = Object.entries(fields).map(([key, value]) => `${key}=${asText(value)}`)
  const head = [new Date(time).toISOString(), shown, msg, ...told].join(' ')
  if (err === undefined) return head
  const stack: unknown = Object(err).stack
  // What a stranger's answer put into an error must not control a terminal.
  return `${head}\n${typeof stack === 'string' ? stack.replace(/[^\n\P{Cc}]/gu, ' ') : asText(err)}`
}

/** A word as it is, anything else as JSON: a line break in a value must not begin a line. */
function asText(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value)
}
