/** A random number of milliseconds. */
export function between(least: number, most: number, random = Math.random): number {
  return Math.round(least + Math.max(0, most - least) * random())
}
