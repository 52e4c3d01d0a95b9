/**
 * A change of a chat that no event tells, because webhooks have no use for it: a message that is on its way out from here
 * (`message` with `isNew`), how far one got or what was said about it from here (`message`), or how far the chat was read, its
 * settings or its name (`chat`).
 */
export type ChatChange =
  | { kind: 'message'; chat: string; id: string; isNew?: boolean }
  | { kind: 'chat'; chat: string }

/** Called with what has changed, after it was stored. Must return quickly. */
export type ChatChangeListener = (changes: ChatChange[]) => void

/** Tells whoever watches the chats of a user at this node of changes that are no events. */
export class ChatChanges {
  readonly #listeners = new Map<string, Set<ChatChangeListener>>()

  /** Tells what has changed. Costs nothing where nobody listens, and never throws. */
  tell(userId: string, changes: ChatChange[]): void {
    for (const listener of this.#listeners.get(userId) ?? []) listener(changes)
  }

  /** Calls `listener` for every change from now on; returns what ends the calls. */
  listen(userId: string, listener: ChatChangeListener): () => void {
    const listeners = this.#listeners.get(userId) ?? new Set()
    this.#listeners.set(userId, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(userId)
    }
  }
}
