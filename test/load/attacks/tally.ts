/** What attackers did: a run in which they were not heard proves nothing. */
export interface AttackFigures {
  /** How often each attack was begun. */
  attacks: Record<string, number>
  requests: number
  /** Answers by the first digit of their status, such as `4xx`. */
  answers: Record<string, number>
  /** Steps that could not be taken, mostly because the server was down. */
  failed: number
  /** The last reasons of those. */
  reasons: string[]
}

const REASONS_KEPT = 5

/** Counts what attackers do. */
export class Tally {
  readonly figures: AttackFigures = { attacks: {}, requests: 0, answers: {}, failed: 0, reasons: [] }

  begun(attack: string): void {
    const { attacks } = this.figures
    attacks[attack] = (attacks[attack] ?? 0) + 1
  }

  /** A request ended; without a status nobody answered it. */
  asked(status: number | undefined): void {
    const { answers } = this.figures
    const kind = status === undefined ? 'none' : `${Math.floor(status / 100)}xx`
    this.figures.requests++
    answers[kind] = (answers[kind] ?? 0) + 1
  }

  failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.figures.failed++
    this.figures.reasons = [...this.figures.reasons, reason.slice(0, 200)].slice(-REASONS_KEPT)
  }
}
