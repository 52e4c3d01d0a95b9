import type { BinaryNode } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'

/** A question with answers to choose from. */
export interface PollContent extends ContextInput {
  question: string
  options: string[]
  /** How many options one voter may choose; 0 = any number. */
  selectable: number
}

/** What the stanza of a poll says beside its content. */
export const POLL_NODE: BinaryNode = { tag: 'meta', attrs: { polltype: 'creation' } }

/**
 * A poll. Official clients put single choice into a member of its own. Votes are encrypted with the secret every
 * message gets when it is sent (`outgoing.ts`), so the stored message is all it takes to read them.
 */
export function pollContent({ question, options, selectable, ...context }: PollContent): Content {
  const poll = {
    name: question,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectable,
    ...contextInfo(context),
  }
  return {
    message: selectable === 1 ? { pollCreationMessageV3: poll } : { pollCreationMessage: poll },
    nodes: [POLL_NODE],
  }
}
