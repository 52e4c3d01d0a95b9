import { ownMember } from '../../lib/own-member.ts'

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/**
 * The contents of every element with this name, in order. Elements of one name are not nested in what S3 answers. Looks
 * at each character once, whatever the answer is: anybody may be at the other end.
 */
export function* elements(xml: string, name: string): Generator<string> {
  const [opening, closing] = [`<${name}>`, `</${name}>`]
  for (let at = xml.indexOf(opening); at !== -1; at = xml.indexOf(opening, at)) {
    const from = at + opening.length
    const to = xml.indexOf(closing, from)
    if (to === -1) return
    yield xml.slice(from, to)
    at = to + closing.length
  }
}

/** The text of the first element with this name, '' when there is none. */
export function element(xml: string, name: string): string {
  const [first = ''] = elements(xml, name)
  return unescaped(first)
}

const LAST_CODE_POINT = 0x10ffff

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return ownMember(ENTITIES, name) ?? whole
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= LAST_CODE_POINT ? String.fromCodePoint(code) : whole
  })
}
