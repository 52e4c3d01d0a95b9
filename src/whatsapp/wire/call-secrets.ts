import type { BinaryNode } from '../library/engine.ts'

/**
 * What opens a live call to whoever reads it: keys and tokens of its relays (`key`, `hbh_key`, `token`, `auth_token`), and
 * the tokens by which people trust each other. The call key itself is encrypted for one device and stays.
 */
const SECRET = new Set(['key', 'hbh_key', 'token', 'auth_token', 'tctoken', 'privacy'])

/** Deeper than any step of a call is. */
const MAX_DEPTH = 16

/** The same element with its secrets left blank; the tags stay. What is nested more deeply than any step is left out. */
export function withoutCallSecrets(node: BinaryNode, depth = 0): BinaryNode {
  const { tag, attrs, content } = node
  if (SECRET.has(tag) || depth > MAX_DEPTH) return { tag, attrs }
  if (!Array.isArray(content)) return node
  return { tag, attrs, content: content.map((inner) => withoutCallSecrets(inner, depth + 1)) }
}
