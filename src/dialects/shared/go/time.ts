const ZERO_TIME = '0001-01-01T00:00:00Z'
// No zone changes its offset more often than on a quarter of an hour.
const QUARTER_MS = 15 * 60 * 1000
const MAX_OFFSETS = 1_000

/** A zone's distance from UTC: as it is added to an instant, and as it is printed behind one. */
interface Offset {
  ms: number
  text: string
}

// Asking Intl takes longer than everything else in a reply; instants of one quarter share the answer.
const offsets = new Map<string, Offset>()

/**
 * Unix seconds as Go prints a time: RFC 3339 in `timeZone` (an IANA name, '' = UTC), `2025-08-21T14:00:00-03:00`.
 * 0 is no instant: Go's zero time.
 */
export function goTime(unixSeconds: number, timeZone: string): string {
  return goTimeMs(unixSeconds * 1000, timeZone)
}

/** The same for unix milliseconds; trailing zeros of the fraction are not printed. */
export function goTimeMs(unixMs: number, timeZone: string): string {
  const instant = new Date(unixMs)
  if (unixMs === 0 || Number.isNaN(instant.getTime())) return ZERO_TIME
  const offset = offsetAt(unixMs, timeZone || 'UTC')
  const [clock = '', fraction = ''] = new Date(unixMs + offset.ms).toISOString().slice(0, -1).split('.')
  const digits = fraction.replace(/0+$/, '')
  return `${clock}${digits && '.'}${digits}${offset.text}`
}

function offsetAt(unixMs: number, timeZone: string): Offset {
  const key = `${timeZone} ${Math.floor(unixMs / QUARTER_MS)}`
  const known = offsets.get(key)
  if (known) return known
  const offset = lookUpOffset(unixMs, timeZone)
  if (offsets.size >= MAX_OFFSETS) offsets.clear()
  offsets.set(key, offset)
  return offset
}

/** Intl says `GMT-03:00`, or `GMT` for none; Go writes no offset as `Z`, whatever the zone is called. */
function lookUpOffset(unixMs: number, timeZone: string): Offset {
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(unixMs)
    .find(({ type }) => type === 'timeZoneName')?.value
  const [, sign, hours, minutes, seconds = '0'] = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name ?? '') ?? []
  if (sign === undefined) return { ms: 0, text: 'Z' }
  const size = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000
  if (size === 0) return { ms: 0, text: 'Z' }
  return { ms: sign === '-' ? -size : size, text: `${sign}${hours}:${minutes}` }
}
