import type { Result } from './job.ts'
import type { Measure } from './measure.ts'
import { compare, type Middle } from './pairs.ts'

/** All rounds of one measure; those of the other build belong to the same rounds. */
export interface Measured {
  measure: Measure
  mine: Result[]
  theirs: Result[]
}

/** The figures as a table in Markdown: medians, with the range they come from. */
export function tableOf(measured: Measured[], names: string[]): string {
  const [mine = '', theirs] = names
  const head = ['figure', mine, ...(theirs === undefined ? [] : [theirs, 'ratio (range)'])]
  const rows = measured.flatMap((one) => rowsOf(one, theirs !== undefined))
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function rowsOf({ measure, mine, theirs }: Measured, isCompared: boolean): string[][] {
  return measure.figures.flatMap(({ key, words }) => {
    const figure = compare(key, mine, theirs)
    // Whatever cannot be measured here has no row.
    if (Number.isNaN(figure.mine.median)) return []
    const cells = [`${measure.title}: ${words}`, withRange(figure.mine)]
    if (!isCompared) return [cells]
    if (!figure.theirs || !figure.ratio) return [[...cells, '', '']]
    return [[...cells, withRange(figure.theirs), withRange(figure.ratio)]]
  })
}

function withRange({ median, low, high }: Middle): string {
  return low === high ? digits(median) : `${digits(median)} (${digits(low)} to ${digits(high)})`
}

/** Three digits are more than a shared machine can tell. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

/** How many did not succeed, by measure; nothing where all did. */
export function failuresOf(measured: Measured[], names: string[]): string[] {
  return measured.flatMap(({ measure, mine, theirs }) =>
    [mine, theirs].flatMap((results, index) => {
      const failed = results.reduce((sum, result) => sum + result.failed, 0)
      return failed === 0 ? [] : [`${names[index]}, ${measure.title}: ${failed} failed`]
    }),
  )
}
