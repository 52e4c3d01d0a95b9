import { type BinaryNode, S_WHATSAPP_NET } from '../../whatsapp/library/engine.ts'

/** The service itself as a sender: a JID with an empty user. Clients ignore the bare server name. */
export const SERVICE = S_WHATSAPP_NET

/** Attribute values as code wants to write them; `undefined` ones are left out of the node. */
export type Attributes = Record<string, string | number | undefined>

/** Builds a binary node: numbers become decimal strings, undefined attributes disappear. */
export function node(tag: string, attrs: Attributes = {}, content?: BinaryNode['content']): BinaryNode {
  const written: Record<string, string> = {}
  for (const [name, value] of Object.entries(attrs)) {
    if (value !== undefined) written[name] = String(value)
  }
  return content === undefined ? { tag, attrs: written } : { tag, attrs: written, content }
}

/** The child nodes, or none when the node holds bytes, text or nothing. */
export function children(parent: BinaryNode | undefined): BinaryNode[] {
  return Array.isArray(parent?.content) ? parent.content : []
}

/** The first child with that tag. */
export function child(parent: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  return children(parent).find((candidate) => candidate.tag === tag)
}

/** A node's content as bytes; texts are UTF-8 (the codec turns known words into tokens and hands back text). */
export function bytes(holder: BinaryNode | undefined): Buffer | undefined {
  const content = holder?.content
  if (content === undefined || Array.isArray(content)) return undefined
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : Buffer.from(content)
}

/** A node's content as text. */
export function text(holder: BinaryNode | undefined): string | undefined {
  return bytes(holder)?.toString('utf8')
}

/** Unix seconds, the unit of every `t` attribute. */
export function unixSeconds(): number {
  return Math.floor(Date.now() / 1000)
}
