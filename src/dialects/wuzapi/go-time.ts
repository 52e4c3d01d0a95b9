const ZERO_TIME = '0001-01-01T00:00:00Z'

const formatters = new Map<string, Intl.DateTimeFormat>()

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
  const parts = Object.fromEntries(
    formatter(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  )
  const date = `${parts.year?.padStart(4, '0')}-${parts.month}-${parts.day}`
  const ms = ((unixMs % 1000) + 1000) % 1000
  const fraction = ms ? `.${String(ms).padStart(3, '0').replace(/0+$/, '')}` : ''
  return `${date}T${parts.hour}:${parts.minute}:${parts.second}${fraction}${offset(parts.timeZoneName)}`
}

function formatter(timeZone: string): Intl.DateTimeFormat {
  let format = formatters.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timeZone || 'UTC',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'longOffset',
    })
    // One entry per configured zone; a server has one.
    formatters.set(timeZone, format)
  }
  return format
}

/** `GMT-03:00` -> `-03:00`; Go writes no offset as `Z`, whatever the zone is called. */
function offset(zoneName = ''): string {
  const offset = zoneName
    .replace(/^GMT/, '')
    .replace(/:00$/, (seconds, at: number) => (at > 3 ? '' : seconds))
  return offset === '' || offset === '+00:00' ? 'Z' : offset
}
