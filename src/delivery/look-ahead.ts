import { laneHeads } from '../store/delivery/deliveries.ts'
import { type AttemptDeps, fileWish } from './attempt.ts'

/** Deliveries of a lane whose files are got together: their number bounds how many questions a phone is asked at once. */
const DELIVERIES = 20

/**
 * Gets the files of the deliveries that wait in a lane. Called when a file of the lane has to be asked of the phone, which
 * may take half a minute: what its next deliveries need is then asked at the same time and not one after the other. Never
 * rejects: whatever fails, the delivery itself meets it again.
 */
export async function lookAhead(deps: AttemptDeps, lane: string): Promise<void> {
  const { db, log, prefetch } = deps
  if (!prefetch) return
  try {
    for (const delivery of await laneHeads(db, [lane], DELIVERIES)) {
      const wish = await fileWish(deps, delivery)
      if (wish) prefetch(wish)
    }
  } catch (error) {
    log.warn({ err: error }, 'could not look for the files of the next deliveries')
  }
}
