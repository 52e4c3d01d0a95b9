/** More letters than this apart, two names have nothing to do with each other. */
const FARTHEST = 3

/** The name among `names` that was most likely meant by `given`; undefined when none is close. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const wanted = given.toLowerCase()
  // Whoever cuts a name short, or writes it longer, is as close as with one wrong letter.
  const distance = (name: string) =>
    wanted.length > 2 && (name.startsWith(wanted) || wanted.startsWith(name)) ? 1 : editDistance(wanted, name)
  const [nearest] = names
    .map((name) => ({ name, distance: distance(name) }))
    .filter((one) => one.distance <= Math.min(FARTHEST, Math.ceil(one.name.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return nearest?.name
}

/** How many letters have to be added, left out or replaced to turn one text into the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [at, letter] of [...a.slice(0, 100)].entries()) {
    const next = [at + 1]
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
