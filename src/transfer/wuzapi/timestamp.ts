/** Go's printed time: date, time with any fraction, offset, name of the zone, and the monotonic clock it was read with. */
const GO_TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|[+-]\d\d:?\d\d)?(?: \S+)?(?: m=\S+)?$/

/**
 * The instant in a column of times, unix milliseconds: a `Date` of PostgreSQL, or what SQLite keeps of a Go program, which
 * is text as `time.String()` or RFC 3339 has it, or a number of seconds or milliseconds. Undefined for anything else.
 */
export function instantOf(value: unknown): number | undefined {
  if (value instanceof Date) return validOr(value.getTime())
  if (typeof value === 'number') return validOr(value < 1e11 ? value * 1000 : value)
  if (typeof value !== 'string') return undefined
  const found = GO_TIME.exec(value)
  if (!found) return undefined
  const [, day, time = '', offset = 'Z'] = found
  const [clock = '', fraction = ''] = time.split('.')
  const zone = offset === 'Z' ? 'Z' : `${offset.slice(0, 3)}:${offset.slice(-2)}`
  return validOr(Date.parse(`${day}T${clock}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`))
}

function validOr(instant: number): number | undefined {
  return Number.isFinite(instant) ? Math.round(instant) : undefined
}

/** An instant (unix milliseconds) as Go's `time.String()` prints it in UTC, which is how SQLite's driver there stores it. */
export function goTimeText(at: number): string {
  const [day = '', time = ''] = new Date(at).toISOString().split('T')
  return `${day} ${time.replace(/\.?0*Z$/, '')} +0000 UTC`
}
