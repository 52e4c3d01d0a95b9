import type { InboundDeps, InboundStep } from './pipeline.ts'

/**
 * Stores what a stanza means before the library sees it, and so before the library acknowledges it: what WhatsApp has
 * been told we received is on disk. The order of stanzas is kept, on the way to the disk by `record`; several may be on
 * that way at once. What could not be stored the library never sees, so the server delivers it again after the reconnect.
 */
export function persistBeforeAck({ record, onFailed, background }: InboundDeps): InboundStep {
  let busy: Promise<void> | undefined

  return (stanza, next) => {
    const before = busy
    const work = record(stanza)
    if (!work && !before) return next(stanza)
    // A failure is heard of below; here only the end of the work matters.
    if (work) background(work.catch(() => {}))
    const turn: Promise<void> = Promise.all([work, before])
      .then(() => void next(stanza))
      .catch(onFailed)
    busy = turn
    return turn.then(() => {
      if (busy === turn) busy = undefined
    })
  }
}
