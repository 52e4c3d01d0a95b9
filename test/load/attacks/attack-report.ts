import type { AttackRow } from './attack-run.ts'

const [REMARKABLE_TIMES, FLOOR_MS] = [2, 100]

/** One line for each attack; what is more than twice as slow as in the quiet is marked. */
export function attackRows(rows: AttackRow[]): [name: string, value: string][] {
  const quiet = rows.find(({ name }) => name === 'quiet')
  return rows.map((row) => {
    const sends = figure(row.sends, quiet?.sends.p99Ms)
    const webhooks = figure(row.webhooks, quiet?.webhooks.p99Ms)
    return [row.name, `send ${sends}   webhook ${webhooks}   ${remarks(row)}`.trimEnd()]
  })
}

function figure({ p50Ms, p99Ms }: { p50Ms: number; p99Ms: number }, quietMs = Number.NaN): string {
  const isSlow = p99Ms > REMARKABLE_TIMES * Math.max(FLOOR_MS, quietMs)
  return `p50 ${cell(p50Ms)} p99 ${cell(p99Ms)} ms${isSlow ? ' !' : '  '}`
}

function cell(ms: number): string {
  return String(Math.round(ms)).padStart(6)
}

function remarks({ sends, missing, failure, attack }: AttackRow): string {
  const answers = Object.entries(attack?.answers ?? {}).map(([kind, count]) => `${count} ${kind}`)
  return [
    ...(failure ? [`FAILED: ${failure.split('\n')[0]}`] : []),
    ...(sends.failed > 0 ? [`${sends.failed} sends failed`] : []),
    ...(missing > 0 ? [`${missing} webhooks missing`] : []),
    ...(answers.length > 0 ? [`attackers got ${answers.join(', ')}`] : []),
  ].join('; ')
}
