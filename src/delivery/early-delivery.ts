import type { Accepted } from '../store/commit/change.ts'
import type { DeliveryRecording } from '../store/delivery/deliveries.ts'

/** A delivery that is made while it is being recorded: what is answered in time is stored as delivered, in one row. */
export class EarlyDelivery implements DeliveryRecording {
  readonly stored: Promise<boolean>
  /** Resolves when its attempt has ended. */
  readonly answer: Promise<void>
  /** How it was accepted, where that is stored with it. */
  accepted: Accepted | undefined
  #isWritten = false
  #isLost = false
  #onWritten: (isStored: boolean) => void = () => {}
  #onAnswer = () => {}

  constructor() {
    this.stored = new Promise((resolve) => {
      this.#onWritten = resolve
    })
    this.answer = new Promise((resolve) => {
      this.#onAnswer = resolve
    })
  }

  get isLost(): boolean {
    return this.#isLost
  }

  /** It is written as it stands now. */
  write(): Accepted | undefined {
    this.#isWritten = true
    return this.accepted
  }

  accept(accepted: Accepted): boolean {
    if (this.#isWritten) return false
    this.accepted = accepted
    return true
  }

  answered(): void {
    this.#onAnswer()
  }

  committed(): void {
    this.#onWritten(true)
  }

  lost(): void {
    this.#isLost = true
    this.#onWritten(false)
  }
}
