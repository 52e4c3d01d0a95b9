/** Deeper ones are shown as text: nobody unfolds so far, and a hostile text could be nothing but brackets. */
const MAX_DEPTH = 100

/**
 * Reads JSON for people: numbers stay as they are written, whatever their length, and a text that was cut off is read as far
 * as it goes.
 * @typedef {{kind: 'object' | 'array', entries: [string, Node][], isCut: boolean}
 *   | {kind: 'string' | 'number' | 'word', text: string, isCut: boolean}} Node
 * @returns {Node | undefined} undefined for what is no JSON
 */
export function readJson(text) {
  const reader = createReader(text)
  const node = reader.value(0)
  return node && reader.isAtEnd() ? node : undefined
}

function createReader(text) {
  let at = 0

  const skip = () => {
    while (' \n\r\t'.includes(text[at]) && at < text.length) at += 1
  }
  const isAtEnd = () => {
    skip()
    return at >= text.length
  }

  function value(depth) {
    skip()
    const sign = text[at]
    if (depth > MAX_DEPTH) return undefined
    if (sign === '{') return group('object', '}', depth)
    if (sign === '[') return group('array', ']', depth)
    if (sign === '"') return string()
    return literal()
  }

  /** A list or an object, up to its end or to that of the text. */
  function group(kind, end, depth) {
    const entries = []
    at += 1
    for (;;) {
      if (isAtEnd()) return { kind, entries, isCut: true }
      if (text[at] === end) {
        at += 1
        return { kind, entries, isCut: false }
      }
      if (entries.length > 0) {
        if (text[at] !== ',') return undefined
        at += 1
        if (isAtEnd()) return { kind, entries, isCut: true }
      }
      const entry = kind === 'object' ? member(depth) : [String(entries.length), value(depth + 1)]
      if (entry === undefined) return undefined
      const [, node] = entry
      // Only a name is left, or less.
      if (node === undefined) return at >= text.length ? { kind, entries, isCut: true } : undefined
      entries.push(entry)
    }
  }

  function member(depth) {
    if (text[at] !== '"') return undefined
    const name = string()
    if (name === undefined) return undefined
    if (isAtEnd()) return [name.text, undefined]
    if (text[at] !== ':') return undefined
    at += 1
    return isAtEnd() ? [name.text, undefined] : [name.text, value(depth + 1)]
  }

  function string() {
    const from = at
    at += 1
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
    const isCut = at >= text.length
    if (isCut) {
      at = text.length
      const whole = text.slice(from).replace(/\\(u[\da-f]{0,3})?$/i, '')
      return { kind: 'string', text: decoded(`${whole}"`) ?? whole.slice(1), isCut }
    }
    at += 1
    const read = decoded(text.slice(from, at))
    return read === undefined ? undefined : { kind: 'string', text: read, isCut }
  }

  function literal() {
    const [found] = /^(-?\d[\d.eE+-]*|true|false|null|[a-z]+$)/.exec(text.slice(at, at + 400)) ?? []
    if (found === undefined) return undefined
    at += found.length
    return { kind: /^[-\d]/.test(found) ? 'number' : 'word', text: found, isCut: false }
  }

  return { value, isAtEnd }
}

function decoded(quoted) {
  try {
    return JSON.parse(quoted)
  } catch {
    return undefined
  }
}
