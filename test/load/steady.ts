import { setTimeout as delay } from 'node:timers/promises'
import { CONTACT, tokenOf } from './bench-parts.ts'
import type { WuzapiClient } from './client.ts'
import { round, type Spread, spread } from './stats.ts'

export interface Steady extends Spread {
  perSecond: number
  failed: number
}

const TEXT = 'a text of ordinary length, like people write them'

/**
 * Sends texts at a fixed rate, whatever the answers take, to one session after the other. A client that is late is not
 * forgiven: latency counts from when the text was due.
 */
export async function steadyTexts(
  clients: WuzapiClient[],
  sessions: number[],
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<Steady> {
  const total = Math.round(perSecond * seconds)
  const latencies: number[] = []
  let failed = 0
  const start = performance.now()
  const pending: Promise<void>[] = []
  for (let n = 0; n < total; n++) {
    const due = start + (n * 1000) / perSecond
    await delay(Math.max(0, due - performance.now()))
    const client = clients[n % clients.length]
    const session = sessions[n % sessions.length]
    if (!client || session === undefined) throw new Error('nobody to send')
    pending.push(
      client.sendText(tokenOf(session), CONTACT, TEXT).then(
        () => void latencies.push(performance.now() - due),
        () => void failed++,
      ),
    )
  }
  await Promise.all(pending)
  return {
    perSecond: round(latencies.length / ((performance.now() - start) / 1000)),
    failed,
    ...spread(latencies),
  }
}
