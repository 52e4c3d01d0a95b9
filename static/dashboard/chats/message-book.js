/** What tells a message from all others of its chat: whoever writes may choose an id that somebody else has used. */
export function keyOf({ id, fromMe, sender }) {
  return fromMe ? `me ${id}` : `${sender} ${id}`
}

/**
 * The messages of one chat that are known here: those the server told, page by page and one by one, and those that are
 * on their way to it.
 */
export function createMessageBook() {
  const told = new Map()

  function edge(choose) {
    let found
    for (const { at } of told.values()) found = found === undefined ? at : choose(found, at)
    return found ?? 0
  }

  return {
    put(messages) {
      for (const message of messages) told.set(keyOf(message), message)
    },
    /** Changes the message of this id that is an own one, or anybody's. */
    change({ id, fromMe }, change) {
      for (const [key, message] of told)
        if (message.id === id && (fromMe === undefined || message.fromMe === fromMe))
          told.set(key, { ...message, ...change(message) })
    },
    has: (message) => told.has(keyOf(message)),
    /** When the first and the last of them were written. */
    earliestAt: () => edge(Math.min),
    latestAt: () => edge(Math.max),
    /** All of them, oldest first, and at the end those that are on their way. What failed before it left keeps its place. */
    all(pending) {
      const waiting = pending.filter((message) => !told.has(keyOf(message)))
      const isFailed = ({ state }) => state.status === 'failed'
      const placed = [...told.values(), ...waiting.filter(isFailed)].sort(
        (one, other) => one.at - other.at || (one.id < other.id ? -1 : 1),
      )
      return [...placed, ...waiting.filter((message) => !isFailed(message))]
    },
    clear: () => told.clear(),
  }
}
