import { ownMember } from '../../lib/own-member.ts'

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** The contents of every element with this name, in order. Elements of one name are not nested in what S3 answers. */
export function elements(xml: string, name: string): string[] {
  return Array.from(xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs')), ([, content = '']) => content)
}

/** The text of the first element with this name, '' when there is none. */
export function element(xml: string, name: string): string {
  return unescaped(elements(xml, name)[0] ?? '')
}

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return ownMember(ENTITIES, name) ?? whole
    return String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16))
  })
}
