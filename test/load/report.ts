import type { Spread } from './stats.ts'

export interface Rate extends Spread {
  perSecond: number
}

/** Everything one run measures. */
export interface Figures {
  machine: { node: string; cores: number; database: string }
  bare: Record<string, Rate>
  texts: Record<string, Rate>
  /** Texts per second of the server divided by bare Baileys', same number of sessions. */
  ratio: Record<string, number>
  incoming: Rate
  memory: { baseMb: number; perSessionMb: Record<string, number> }
  restart: { sessions: number; allOpenSeconds: number }
}

/** The figures as a table for people and one line of JSON for programs. */
export function report(figures: Figures): string {
  const rows: [string, string][] = []
  const rate = ({ perSecond, p50Ms, p99Ms }: Rate) => `${perSecond}/s   p50 ${p50Ms} ms   p99 ${p99Ms} ms`
  for (const [sessions, value] of Object.entries(figures.bare))
    rows.push([`bare Baileys, texts, ${sessions} sessions`, rate(value)])
  for (const [sessions, value] of Object.entries(figures.texts))
    rows.push([`texts over HTTP, ${sessions} sessions`, rate(value)])
  for (const [sessions, value] of Object.entries(figures.ratio))
    rows.push([`  share of bare Baileys, ${sessions} sessions`, `${Math.round(value * 100)} %`])
  rows.push(['incoming to webhook (lag at half of it)', rate(figures.incoming)])
  rows.push(['memory without sessions', `${figures.memory.baseMb} MB`])
  for (const [sessions, value] of Object.entries(figures.memory.perSessionMb))
    rows.push([`memory per idle session at ${sessions}`, `${value} MB`])
  rows.push([
    `restart, ${figures.restart.sessions} sessions open after`,
    `${figures.restart.allOpenSeconds} s`,
  ])
  const width = Math.max(...rows.map(([name]) => name.length))
  const table = rows.map(([name, value]) => `${name.padEnd(width)}   ${value}`).join('\n')
  const { node, cores, database } = figures.machine
  return `\nNode ${node}, ${cores} cores, ${database}\n${table}\n\n${JSON.stringify(figures)}\n`
}
