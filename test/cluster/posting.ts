import { setTimeout as delay } from 'node:timers/promises'
import type { Member } from './cluster.ts'

interface Posted {
  text: string
  contact: string
}

/** A node that is gone, or stopped, is given up after this time, and the request repeated elsewhere. */
const PATIENCE_MS = 5_000
const RETRY_MS = 100

let posts = 0

/** Programs that post texts to any node of a cluster, and repeat what failed at the next one under the same key. */
export class Posting {
  readonly #nodes: () => string[]
  readonly #accepted: Posted[] = []
  #isBusy = false
  #traffic: Promise<unknown> | undefined

  /** `nodes` yields the addresses to choose from. */
  constructor(nodes: () => string[]) {
    this.#nodes = nodes
  }

  /** Texts that were answered with 200. */
  get accepted(): readonly Posted[] {
    return this.#accepted
  }

  begin(members: readonly Member[], pauseMs: number): void {
    this.#isBusy = true
    this.#traffic = Promise.all(
      members.map(async (member) => {
        while (this.#isBusy) {
          await this.#post(member, `posted-${++posts}`)
          await delay(pauseMs)
        }
      }),
    )
  }

  /** Resolves when everything that was begun has been accepted. */
  async end(): Promise<void> {
    this.#isBusy = false
    await this.#traffic
  }

  async #post({ token, contact }: Member, text: string): Promise<void> {
    for (let attempt = posts; ; attempt++) {
      const nodes = this.#nodes()
      const answer = await fetch(`${nodes[attempt % nodes.length]}/chat/send/text`, {
        method: 'POST',
        headers: { token, 'idempotency-key': text },
        body: JSON.stringify({ Phone: contact, Body: text }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      }).catch(() => undefined)
      if (answer?.status === 200) break
      await delay(RETRY_MS)
    }
    this.#accepted.push({ text, contact })
  }
}
