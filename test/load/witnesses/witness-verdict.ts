import type { MoodyReceiver } from '../moody-receiver.ts'
import type { Spread } from '../stats.ts'
import { judgeWebhooks, type WebhookFigures } from '../webhook-verdict.ts'
import { type Flight, lagsWithin, type Uptime } from './lag.ts'

/** What the witnesses leave behind. */
export interface WitnessEvidence {
  receiver: MoodyReceiver
  /** What each contact wrote. */
  texts: string[][]
  /** Their messages before there were hostile tenants, and afterwards. */
  quiet: Flight[]
  suffering: Flight[]
  judgesLatency: boolean
}

/** What sessions that nothing was done to have noticed; lags are from the network's taking a message to the webhook. */
export interface WitnessFigures extends WebhookFigures {
  sessions: number
  quiet: Spread
  suffering: Spread
  /** Messages that are not among the latter: sent while the server was down, just before or just after. */
  leftOut: number
  limitMs: number
  /** What is wrong with the lags, if they are judged. */
  tooSlow: string[]
}

/** How much longer the slowest may take than in the quiet. */
const ALLOWED_TIMES = 2
/** A quiet p99 below this counts as this: it is what a pause of a busy machine adds by itself. */
const FLOOR_MS = 100

/** Compares the lags of the time without hostile tenants with those of the time with them, as far as the server was up. */
export function judgeWitnesses(evidence: WitnessEvidence, uptimes: Uptime[]): WitnessFigures {
  const { receiver, texts, judgesLatency } = evidence
  const quiet = lagsWithin(evidence.quiet, uptimes).spread
  const { spread: suffering, leftOut } = lagsWithin(evidence.suffering, uptimes)
  const limitMs = ALLOWED_TIMES * Math.max(FLOOR_MS, quiet.p99Ms)
  const isTooSlow = judgesLatency && suffering.p99Ms > limitMs
  return {
    sessions: texts.length,
    ...judgeWebhooks(receiver, texts),
    quiet,
    suffering,
    leftOut,
    limitMs,
    tooSlow: isTooSlow
      ? [`the webhooks of witnesses took ${suffering.p99Ms} ms (p99), more than ${limitMs} ms`]
      : [],
  }
}

/** The figures for people. */
export function witnessRows(figures: WitnessFigures): [string, string][] {
  const { quiet, suffering } = figures
  const spread = ({ count, p50Ms, p99Ms }: Spread) => `p50 ${p50Ms} ms, p99 ${p99Ms} ms, ${count} messages`
  return [
    ['witnesses to webhook', `${figures.sent} sent, ${figures.lost} lost, ${figures.repeated} repeated`],
    ['  lag in the quiet', spread(quiet)],
    ['  lag in the ordeal', `${spread(suffering)}, ${figures.leftOut} left out`],
    ['  p99 may be', `${figures.limitMs} ms`],
  ]
}
