import { readFileSync } from 'node:fs'

// Linux counts CPU time in ticks of this length on every machine Node runs on.
const TICK_MS = 10

/** CPU time a process has used since it started, user and system, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in parentheses, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
