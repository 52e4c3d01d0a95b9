import { setTimeout as delay } from 'node:timers/promises'

type Json = ReturnType<typeof JSON.parse>

/** An answer without an end that is being read. */
export interface Feed {
  headers: Headers
  /** All that has come. */
  text(): string
  /** The data of the next event of this name that is as wanted, from the first that was not given yet. */
  next(event: string, isWanted?: (data: Json) => unknown): Promise<Json>
  /** Resolves when the server has ended it. */
  ended(): Promise<void>
  close(): void
}

const PATIENCE_MS = 30_000

/** Opens a stream of events (`text/event-stream`), and resolves when its first bytes are there. */
export async function openFeed(url: string, headers: Record<string, string>): Promise<Feed> {
  const leaving = new AbortController()
  const response = await fetch(url, { headers, signal: leaving.signal })
  if (!response.ok || !response.body) throw new Error(`${url} answered ${response.status}`)
  let text = ''
  let isOver = false
  const decoder = new TextDecoder()
  const reading = (async () => {
    for await (const piece of response.body ?? []) text += decoder.decode(piece, { stream: true })
  })()
  void reading.then(
    () => {
      isOver = true
    },
    () => {
      isOver = true
    },
  )
  const given = new Map<string, number>()

  async function until<Found>(what: string, look: () => Found | undefined): Promise<Found> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what} in: ${text}`)
      await delay(10)
    }
  }

  await until('the stream', () => (text.includes(': open') ? true : undefined))
  return {
    headers: response.headers,
    text: () => text,
    next(event, isWanted = () => true) {
      return until(`an event ${event}`, () => {
        const all = eventsIn(text).filter(({ name }) => name === event)
        const from = given.get(event) ?? 0
        const at = all.findIndex(({ data }, index) => index >= from && isWanted(data))
        if (at < 0) return undefined
        given.set(event, at + 1)
        return all[at]?.data
      })
    },
    ended: async () => {
      await until('its end', () => (isOver ? true : undefined))
    },
    close: () => leaving.abort(),
  }
}

function eventsIn(text: string): { name: string; data: Json }[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((frame) => {
      const lines = frame.split('\n')
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const [name, data] = [field('event'), field('data')]
      return name === undefined || data === undefined ? [] : [{ name, data: JSON.parse(data) }]
    })
}
