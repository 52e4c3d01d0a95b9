import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { convince } from './silence.ts'

/** How long a companion has for an ack. */
const ACK_MS = 20_000

interface Told {
  type: string
  at: number
  ackedAt?: number
  /** Its code when the ack says that the notification was not understood. */
  refusal?: string
}

/** What a companion was told during a ceremony, and whether it said so. */
export class Acknowledgements {
  readonly #told = new Map<string, Told>()

  sent(id: string, type: string): void {
    this.#told.set(id, { type, at: Date.now() })
  }

  /** Notes an ack; says of what kind of notification it is the first, if it is a proper one. */
  received({ attrs }: BinaryNode): string | undefined {
    const told = this.#told.get(attrs.id ?? '')
    const isProper =
      attrs.class === 'notification' &&
      attrs.type === told?.type &&
      /^@?s\.whatsapp\.net$/.test(attrs.to ?? '')
    if (!told || !isProper || told.ackedAt !== undefined) return undefined
    told.ackedAt = Date.now()
    told.refusal = attrs.error
    return told.type
  }

  /** Falls silent when an ack is overdue or a refusal; with `all`, when one has not come yet. */
  check({ all, now = Date.now() }: { all: boolean; now?: number }): void {
    for (const { type, at, ackedAt, refusal } of this.#told.values()) {
      convince(refusal === undefined, `the companion did not understand ${type}: ${refusal}`)
      const isInTime = (ackedAt ?? now) - at <= ACK_MS
      convince(isInTime, `${type} was not acknowledged within ${ACK_MS / 1000} seconds`)
      convince(!all || ackedAt !== undefined, `${type} was not acknowledged`)
    }
  }

  /** For the control plane: what was told, oldest first, and after how many milliseconds it was acknowledged. */
  get report(): { type: string; ackedAfterMs: number | null; refusal: string | null }[] {
    return [...this.#told.values()].map(({ type, at, ackedAt, refusal }) => ({
      type,
      ackedAfterMs: ackedAt === undefined ? null : ackedAt - at,
      refusal: refusal ?? null,
    }))
  }
}
