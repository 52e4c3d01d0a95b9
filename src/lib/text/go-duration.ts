/** A span as Go prints a duration: `24h15m30.5s`, `850ms`, `0s`. */
export function goDuration(milliseconds: number): string {
  const ms = Math.round(milliseconds)
  if (ms === 0) return '0s'
  if (ms < 1_000) return `${ms}ms`
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor(ms / 60_000) % 60
  const seconds = (ms % 60_000) / 1_000
  return `${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds}s`
}
