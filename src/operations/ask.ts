import { ApiError } from '../lib/errors.ts'
import type { BinaryNode } from '../whatsapp/library/engine.ts'
import type { LiveSession } from '../whatsapp/session/session.ts'
import { child } from '../whatsapp/wire/node.ts'

/** Whom a query goes to and about what. */
export interface Question {
  /** Namespace: `w:g2`, `privacy`, ... */
  xmlns: string
  type: 'get' | 'set'
  /** A group, or a service; WhatsApp itself when left out, nobody when ''. */
  to?: string
  /** Whose picture is meant, where it is not the account's own. */
  target?: string
  /** The number of the request's schema, where WhatsApp's own client gives one. */
  smaxId?: string
  /** How long to wait for the answer; a minute when left out. Then it throws `upstream_timeout`. */
  timeoutMs?: number
}

/** Sends a query and resolves with its answer. Throws `upstream_refused` with WhatsApp's own code, and as `call` does. */
export function ask(
  session: LiveSession,
  { to = 's.whatsapp.net', xmlns, type, target, smaxId, timeoutMs }: Question,
  ...content: BinaryNode[]
): Promise<BinaryNode> {
  const attrs = {
    ...(to && { to }),
    type,
    xmlns,
    ...(target && { target }),
    ...(smaxId && { smax_id: smaxId }),
  }
  return session.call((socket) =>
    socket.query(element('iq', attrs, content.length > 0 ? content : undefined), timeoutMs),
  )
}

/** An element of a query. */
export function element(
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode['content'],
): BinaryNode {
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}

/** An element that holds a text. As bytes: the library would write a text that looks like a JID as one. */
export function textElement(tag: string, text: string): BinaryNode {
  return element(tag, {}, Buffer.from(text))
}

/** The element an answer must have. Throws `upstream_refused` when it is missing. */
export function answered(answer: BinaryNode, tag: string): BinaryNode {
  const found = child(answer, tag)
  if (!found) throw new ApiError('upstream_refused', { text: `missing <${tag}> element in response` })
  return found
}

/** WhatsApp's code for a refusal (404, 403, ...); undefined when it was none. */
export function refusalCode(error: unknown): number | undefined {
  const refusal = error instanceof ApiError ? error.details.refusal : undefined
  return refusal?.by === 'iq' ? refusal.code : undefined
}
