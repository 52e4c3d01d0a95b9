import type { proto } from '../engine.ts'
import { type ContextInput, contextInfo } from './context.ts'

/** A text, a reply or a text with mentions. */
export interface TextContent extends ContextInput {
  text: string
}

/** Always an extended text, as wuzapi sends it (contract wuzapi §6.1). */
export function textContent({ text, ...context }: TextContent): proto.IMessage {
  return { extendedTextMessage: { text, ...contextInfo(context) } }
}
