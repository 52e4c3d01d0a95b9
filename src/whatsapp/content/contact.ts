import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'

/** A card with somebody's numbers and addresses. */
export interface ContactCard {
  /** The name shown on the card. */
  name: string
  /** The card itself, vCard 3.0; passed on as it is. */
  vcard: string
}

/** Cards, at least one. */
export interface ContactsContent extends ContextInput {
  cards: ContactCard[]
}

/** One card, or several in one message, which phones show as a list. */
export function contactsContent({ cards, ...context }: ContactsContent): Content {
  const [card, ...more] = cards.map(({ name, vcard }) => ({ displayName: name, vcard }))
  if (more.length === 0) return { message: { contactMessage: { ...card, ...contextInfo(context) } } }
  return {
    message: {
      contactsArrayMessage: {
        displayName: `${cards.length} contacts`,
        contacts: card && [card, ...more],
        ...contextInfo(context),
      },
    },
  }
}
