import type { XmlNode } from '../../events/event-parts.ts'
import { type BinaryNode, getAllBinaryNodeChildren, getBinaryNodeChild } from '../library/engine.ts'

/** Own JIDs with device part; '' before linking. What parsers compare senders with. */
export interface Me {
  pn: string
  lid: string
}

/** The elements inside `node`; none when it holds bytes or nothing. */
export function children(node: BinaryNode): BinaryNode[] {
  return getAllBinaryNodeChildren(node)
}

/** The first element `tag` inside `node`. */
export function child(node: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  return getBinaryNodeChild(node, tag)
}

/** All elements `tag` inside `parent`; none when there is no parent. */
export function childrenOf(parent: BinaryNode | undefined, tag: string): BinaryNode[] {
  return parent ? children(parent).filter((node) => node.tag === tag) : []
}

/** The bytes an element holds. The decoder gives dictionary words as strings: they are bytes to us too. */
export function bytesOf(node: BinaryNode | undefined): Uint8Array | undefined {
  if (typeof node?.content === 'string') return Buffer.from(node.content)
  return node?.content instanceof Uint8Array ? node.content : undefined
}

/** The text an element holds, '' when it holds none. */
export function textOf(node: BinaryNode | undefined): string {
  const bytes = bytesOf(node)
  return bytes ? Buffer.from(bytes).toString() : ''
}

/** An integer attribute, 0 when absent or not a number: WhatsApp never uses 0 where absence has another meaning. */
export function numberAttr(node: BinaryNode | undefined, name: string): number {
  const value = Number(node?.attrs[name])
  return Number.isSafeInteger(value) ? value : 0
}

/** A stanza element as plain JSON, for events that hand on what WhatsApp said. */
export function xmlNode(node: BinaryNode): XmlNode {
  const inner = children(node)
  const bytes = bytesOf(node)
  const content = inner.length ? inner.map(xmlNode) : bytes ? Buffer.from(bytes).toString('base64') : null
  return { tag: node.tag, attrs: { ...node.attrs }, content }
}

/** The element `xmlNode` made JSON of; bytes stay bytes. */
export function binaryNode({ tag, attrs, content }: XmlNode): BinaryNode {
  if (content === null) return { tag, attrs }
  return {
    tag,
    attrs,
    content: Array.isArray(content) ? content.map(binaryNode) : Buffer.from(content, 'base64'),
  }
}
