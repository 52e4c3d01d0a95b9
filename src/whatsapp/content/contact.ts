import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'

/** A card with somebody's numbers and addresses. */
export interface ContactContent extends ContextInput {
  /** The name shown on the card. */
  name: string
  /** The card itself, vCard 3.0; passed on as it is. */
  vcard: string
}

/** One contact card. */
export function contactContent({ name, vcard, ...context }: ContactContent): Content {
  return { message: { contactMessage: { displayName: name, vcard, ...contextInfo(context) } } }
}
