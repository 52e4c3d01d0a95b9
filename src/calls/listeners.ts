import { mixFrames } from './samples.ts'

/** Somebody who talks and listens in a call beside its files. Frames are 60 ms: 960 samples, 16 000 per second. */
export interface CallListener {
  /** Lets it hear 60 ms of the call. */
  push(frame: Int16Array): void
  /** The next 60 ms of what it says; undefined as long as it has nothing to say. */
  nextFrame(): Int16Array | undefined
  close(): Promise<void> | void
}

/** What a listener is. A call has at most one of each, and both can be there at once. */
export type ListenerKind = 'browser' | 'line'

/** The listeners of one call. */
export class Listeners {
  readonly #listeners = new Map<ListenerKind, CallListener>()

  /** Whether there is one of this kind. */
  has(kind: ListenerKind): boolean {
    return this.#listeners.has(kind)
  }

  /** Lets a listener in, in place of the one of its kind. */
  async replace(kind: ListenerKind, listener: CallListener): Promise<void> {
    const former = this.#listeners.get(kind)
    this.#listeners.set(kind, listener)
    await former?.close()
  }

  /** Forgets a listener that has gone by itself. False when another one has its place already. */
  forget(kind: ListenerKind, listener: CallListener): boolean {
    return this.#listeners.get(kind) === listener && this.#listeners.delete(kind)
  }

  /** Lets a listener go. False when there was none. */
  async release(kind: ListenerKind): Promise<boolean> {
    const listener = this.#listeners.get(kind)
    this.#listeners.delete(kind)
    await listener?.close()
    return listener !== undefined
  }

  /** What all of them say in the next 60 ms; undefined when nobody says anything. */
  nextFrame(): Int16Array | undefined {
    let said: Int16Array | undefined
    for (const listener of this.#listeners.values()) {
      const frame = listener.nextFrame()
      if (frame) said = said ? mixFrames(said, frame) : frame
    }
    return said
  }

  /** Lets all of them hear 60 ms of the call. */
  push(frame: Int16Array): void {
    for (const listener of this.#listeners.values()) listener.push(frame)
  }

  /** Lets all of them go. */
  async close(): Promise<void> {
    await Promise.all([...this.#listeners.keys()].map((kind) => this.release(kind)))
  }
}
