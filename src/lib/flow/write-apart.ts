/**
 * What a failed write says about its items: `collided` with somebody else's, so that the same may work at once; `away`
 * is who should have written them, and none of them is to blame; one of them was `refused`.
 */
export type Verdict = 'collided' | 'away' | 'refused'

export interface WriteTogether<Item, Result> {
  /** Writes items in their order, all of them or none. */
  write: (items: Item[]) => Promise<Result>
  judge: (error: unknown) => Verdict
}

/** Items that were written together, or that could not be. */
export type Written<Item, Result> =
  | { items: Item[]; result: Result }
  | { items: Item[]; error: unknown; verdict: Verdict }

/** How often the same is written. One that was away may be back: its connections are gone, and the next is a new one. */
const ATTEMPTS = { collided: 3, away: 2, refused: 1 }

/**
 * Writes items together, and when one of them is refused the others without it: halves are written one after the
 * other, so the order stays and the bad one is alone after a few steps. Once the writer stays away the rest fails unwritten.
 * A write may have succeeded although it failed, so writing the same twice must do no harm.
 */
export async function* writeApart<Item, Result>(
  items: Item[],
  { write, judge }: WriteTogether<Item, Result>,
): AsyncGenerator<Written<Item, Result>, void> {
  const parts = [{ items, attempt: 1 }]
  for (let part = parts.shift(); part; part = parts.shift()) {
    const written = await tried(part.items, { write, judge })
    if ('result' in written) yield written
    else if (part.attempt < ATTEMPTS[written.verdict]) {
      parts.unshift({ items: part.items, attempt: part.attempt + 1 })
    } else if (written.verdict === 'refused' && part.items.length > 1) {
      parts.unshift(...halves(part.items).map((half) => ({ items: half, attempt: 1 })))
    } else {
      const left = written.verdict === 'away' ? parts.splice(0).flatMap((other) => other.items) : []
      yield { ...written, items: [...part.items, ...left] }
    }
  }
}

async function tried<Item, Result>(
  items: Item[],
  { write, judge }: WriteTogether<Item, Result>,
): Promise<Written<Item, Result>> {
  try {
    return { items, result: await write(items) }
  } catch (error) {
    return { items, error, verdict: judge(error) }
  }
}

function halves<Item>(items: Item[]): Item[][] {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}
