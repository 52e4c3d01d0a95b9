import type { Content } from './content.ts'
import type { ContextInput } from './context.ts'
import { textContent } from './text.ts'

/** A question to one of WhatsApp's AI characters. */
export interface PromptContent extends ContextInput {
  text: string
  /** The character, as the list of bots names it. */
  personaId: string
}

/** A text that says which character is meant, as bots require. */
export function promptContent({ personaId, ...content }: PromptContent): Content {
  return {
    message: { ...textContent(content), messageContextInfo: { botMetadata: { personaId } } },
  }
}
