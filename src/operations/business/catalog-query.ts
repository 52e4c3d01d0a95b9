import { ApiError } from '../../lib/errors.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { ask, type Question, textElement } from '../ask.ts'
import { ANSWER_TIMEOUT_MS } from './own-business.ts'

/** How large the pictures are that an answer links to beside the originals, in pixels. */
export const PREVIEW_SIZE: readonly BinaryNode[] = [textElement('width', '100'), textElement('height', '100')]

/**
 * Asks about products or orders. WhatsApp leaves these queries unanswered for some business accounts, whatever the query
 * looks like, while everything else works: people who measured it report so, and its own web client has begun to ask
 * another service over HTTPS. Waiting longer does not help, so it throws `upstream_timeout` after a quarter of a minute.
 */
export function askShop(
  session: LiveSession,
  question: Omit<Question, 'timeoutMs'>,
  content: BinaryNode,
): Promise<BinaryNode> {
  return ask(session, { ...question, timeoutMs: ANSWER_TIMEOUT_MS }, content).catch((cause: unknown) => {
    if (!(cause instanceof ApiError) || cause.code !== 'upstream_timeout') throw cause
    throw new ApiError(
      'upstream_timeout',
      {
        text: 'WhatsApp did not answer; it leaves queries about catalogues and orders of some business accounts unanswered',
      },
      { cause },
    )
  })
}
