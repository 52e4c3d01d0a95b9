import type { InboundDeps, InboundStep } from './pipeline.ts'

/**
 * Stores what a stanza means before the library sees it, and so before the library acknowledges it: what WhatsApp has
 * been told we received is on disk. The order of stanzas is kept. What could not be stored the library never sees, so
 * the server delivers it again after the reconnect.
 */
export function persistBeforeAck({ record, onFailed, background }: InboundDeps): InboundStep {
  let busy: Promise<void> | undefined

  return (stanza, next) => {
    const work = busy ? busy.then(() => record(stanza)) : record(stanza)
    if (!work) return next(stanza)
    // A failure is heard of below; here only the end of the work matters.
    background(work.catch(() => {}))
    const turn: Promise<void> = work.then(() => void next(stanza)).catch(onFailed)
    busy = turn
    return turn.then(() => {
      if (busy === turn) busy = undefined
    })
  }
}
