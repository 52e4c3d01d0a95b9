import type { Result } from './job.ts'

/** The middle of some values, and how far they are apart. */
export interface Middle {
  median: number
  low: number
  high: number
}

/** One figure of all rounds. */
export interface Compared {
  mine: Middle
  /** Of the other build; undefined where there is none. */
  theirs?: Middle
  /** Mine divided by theirs in each round: what the machine does to both leaves it alone. */
  ratio?: Middle
}

/** In which order a round measures: the other way round each time, so that none is always the first. */
export function orderOf<Item>(round: number, items: Item[]): Item[] {
  return round % 2 === 0 ? items : items.toReversed()
}

/** The middle value of an odd number, the mean of the two middle ones of an even number. */
export function middleOf(values: number[]): Middle {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return { median: (lower + upper) / 2, low: sorted[0] ?? Number.NaN, high: sorted.at(-1) ?? Number.NaN }
}

/** Compares one figure of the rounds; the results of a round belong together. */
export function compare(figure: string, mine: Result[], theirs: Result[] = []): Compared {
  const of = (results: Result[]) => results.map((result) => result[figure] ?? Number.NaN)
  if (theirs.length === 0) return { mine: middleOf(of(mine)) }
  const others = of(theirs)
  return {
    mine: middleOf(of(mine)),
    theirs: middleOf(others),
    ratio: middleOf(of(mine).map((value, round) => value / (others[round] ?? Number.NaN))),
  }
}
