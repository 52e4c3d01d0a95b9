const SPACE = /[\t\n\r ]*/y
/** Everything up to the next character that begins or ends something. */
const PLAIN = /[^"[\]{},]*/y

/**
 * The text of a member of a JSON object, as it stands there; undefined when there is none, or the text is no object.
 * Parsing it and writing it again would round 64-bit integers and sort names that look like numbers. `json` has to be
 * valid JSON.
 */
export function memberText(json: string, name: string): string | undefined {
  let at = skip(json, 0, SPACE)
  if (json[at] !== '{') return undefined
  at = skip(json, at + 1, SPACE)
  while (json[at] === '"') {
    const keyEnd = stringEnd(json, at)
    const key: unknown = JSON.parse(json.slice(at, keyEnd))
    const from = skip(json, skip(json, keyEnd, SPACE) + 1, SPACE)
    const to = valueEnd(json, from)
    if (key === name) return json.slice(from, to).trimEnd()
    at = skip(json, to + 1, SPACE)
  }
  return undefined
}

/** Where a value ends: at the comma or bracket behind it. */
function valueEnd(json: string, from: number): number {
  let depth = 0
  let at = from
  for (;;) {
    at = skip(json, at, PLAIN)
    const character = json[at]
    if (character === '"') at = stringEnd(json, at)
    else if (character === '{' || character === '[') {
      depth++
      at++
    } else if (depth > 0 && (character === '}' || character === ']')) {
      depth--
      at++
    } else if (depth > 0 && character === ',') at++
    else return at
  }
}

/** A file may stand in a string: megabytes, for which a pattern with alternatives would run out of memory. */
function stringEnd(json: string, from: number): number {
  for (let at = json.indexOf('"', from + 1); at !== -1; at = json.indexOf('"', at + 1)) {
    let before = at - 1
    while (json[before] === '\\') before--
    if ((at - before) % 2 === 1) return at + 1
  }
  return json.length
}

function skip(json: string, from: number, pattern: RegExp): number {
  pattern.lastIndex = from
  return pattern.test(json) ? pattern.lastIndex : from
}
