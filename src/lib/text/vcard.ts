/** Whom a card is about. */
interface Card {
  name: string
  /** Phone number in whatever form. */
  number: string
  organization?: string
}

/** A vCard 3.0 (RFC 2426) whose number WhatsApp shows as one to write to: that is what `waid` is for. */
export function writeVcard({ name, number, organization }: Card): string {
  const digits = number.replace(/\D/g, '')
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `N:;${escaped(name)};;;`,
    `FN:${escaped(name)}`,
    ...(organization ? [`ORG:${escaped(organization)}`] : []),
    `TEL;type=CELL;type=VOICE;waid=${digits}:+${digits}`,
    'END:VCARD',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replace(/[\\,;]/g, '\\$&').replace(/\s+/g, ' ')
}
