import { randomBytes } from 'node:crypto'
import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '../../whatsapp/library/engine.ts'

/** A look-up of people: which facts about which `<user>` elements. */
export interface LookUp {
  /** `query` for whether they exist, `full` for what they show. */
  mode: 'query' | 'full'
  /** What the look-up serves: a person who waits, or a refresh. */
  context: 'interactive' | 'background'
  protocols: BinaryNode[]
  users: BinaryNode[]
}

/** The query for a look-up. The library's own builder leaves out people it does not find and knows no verified names. */
export function usyncQuery({ mode, context, protocols, users }: LookUp): BinaryNode {
  const attrs = { sid: randomBytes(8).toString('hex'), mode, last: 'true', index: '0', context }
  return {
    tag: 'iq',
    attrs: { to: 's.whatsapp.net', type: 'get', xmlns: 'usync' },
    content: [
      {
        tag: 'usync',
        attrs,
        content: [
          { tag: 'query', attrs: {}, content: protocols },
          { tag: 'list', attrs: {}, content: users },
        ],
      },
    ],
  }
}

/** The `<user>` elements of the answer, in WhatsApp's order. */
export function usyncUsers(answer: BinaryNode): BinaryNode[] {
  const list = getBinaryNodeChild(getBinaryNodeChild(answer, 'usync'), 'list')
  return getBinaryNodeChildren(list, 'user')
}
