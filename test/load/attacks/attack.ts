import { setTimeout as delay } from 'node:timers/promises'
import type { Stage } from './stage.ts'

/** Ends an attack; resolves when nothing of it is under way. */
export type Stop = () => Promise<void>

/** Something a neighbour does, or an operator sets, that must not be felt by anybody else. */
export interface Attack {
  name: string
  /** For what is wrong with the server's own settings: prepared before the server starts. */
  settings?: () => Promise<{ env: Record<string, string>; stop: () => void }>
  /** Begins; resolves when it is under way. */
  start(stage: Stage): Promise<Stop>
}

/** In a calm place a strike is followed by so many times its own length, and by so much at most. */
const REST = { times: 9, mostMs: 6_000 }

/**
 * Carries out `strike` again and again, with a pause in between, until it is told to stop. What fails is only counted:
 * the server may be down, or have every right to refuse.
 */
export function repeatedly(
  stage: Stage,
  { pauseMs }: { pauseMs: number },
  strike: (count: number) => Promise<unknown>,
): Stop {
  let isOver = false
  const running = (async () => {
    for (let count = 0; !isOver && !stage.signal.aborted; count++) {
      const begun = Date.now()
      await strike(count).catch((error: unknown) => stage.tally.failed(error))
      const rest = stage.place.isCalm ? Math.min(REST.mostMs, REST.times * (Date.now() - begun)) : 0
      await delay(pauseMs + rest)
    }
  })()
  return async () => {
    isOver = true
    await running
  }
}

/** Ends all of them. */
export function allOf(...stops: Stop[]): Stop {
  return async () => {
    await Promise.all(stops.map((stop) => stop()))
  }
}
