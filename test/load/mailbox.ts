import { call } from './client.ts'

interface ContactMessage {
  id: string
  text?: string
}

/** What one contact has decrypted so far, gathered in time: the simulated phone keeps only its newest messages. */
export class Mailbox {
  readonly #url: string
  readonly #prefix: string
  readonly #texts = new Map<string, string>()
  readonly #copies = new Map<string, number>()

  /** Of all messages, those that begin with `prefix` count. */
  constructor(control: string, contact: string, prefix: string) {
    this.#url = `${control}/sandbox/contacts/${contact}/messages`
    this.#prefix = prefix
  }

  async look(): Promise<void> {
    const { messages } = await call<{ messages: ContactMessage[] }>(this.#url)
    const copies = new Map<string, number>()
    for (const { id, text } of messages) {
      if (!text?.startsWith(this.#prefix)) continue
      this.#texts.set(id, text)
      copies.set(id, (copies.get(id) ?? 0) + 1)
    }
    for (const [id, count] of copies) this.#copies.set(id, Math.max(count, this.#copies.get(id) ?? 0))
  }

  /** Every text in the order of arrival, as often as it arrived. */
  get texts(): string[] {
    return [...this.#texts].flatMap(([id, text]) =>
      Array.from({ length: this.#copies.get(id) ?? 1 }, () => text),
    )
  }
}
