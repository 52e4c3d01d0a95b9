import { readVerifiedName } from '../../whatsapp/inbound/parse/verified-name.ts'
import { type BinaryNode, getBinaryNodeChild } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { usyncQuery, usyncUsers } from './usync.ts'

/** What WhatsApp says about a phone number. */
export interface NumberCheck {
  /** As the caller wrote it. */
  query: string
  /** '' when WhatsApp named none. */
  jid: string
  exists: boolean
  /** Name of a verified business, '' for everybody else. */
  verifiedName: string
}

// WhatsApp answers large look-ups slowly or not at all; its own clients ask in portions too.
const NUMBERS_PER_QUERY = 200
const QUERY_TIMEOUT_MS = 30_000

/**
 * Looks phone numbers up; every query gets an answer, in the order asked. A query of our own because the library's
 * drops numbers that do not exist and reads no verified name.
 */
export async function checkNumbers(session: LiveSession, queries: string[]): Promise<NumberCheck[]> {
  const numbers = [...new Set(queries.map(digits))].filter((number) => number !== '')
  const found = new Map<string, Omit<NumberCheck, 'query'>>()
  for (let first = 0; first < numbers.length; first += NUMBERS_PER_QUERY) {
    const portion = numbers.slice(first, first + NUMBERS_PER_QUERY)
    const answer = await session.call((socket) => socket.query(lookUp(portion), QUERY_TIMEOUT_MS))
    for (const [number, check] of readChecks(answer, portion)) found.set(number, check)
  }
  const unknown = { jid: '', exists: false, verifiedName: '' }
  return queries.map((query) => ({ query, ...(found.get(digits(query)) ?? unknown) }))
}

function lookUp(numbers: string[]): BinaryNode {
  return usyncQuery({
    mode: 'query',
    context: 'interactive',
    protocols: [
      { tag: 'business', attrs: {}, content: [{ tag: 'verified_name', attrs: {} }] },
      { tag: 'contact', attrs: {} },
    ],
    users: numbers.map((number) => ({
      tag: 'user',
      attrs: {},
      content: [{ tag: 'contact', attrs: {}, content: `+${number}` }],
    })),
  })
}

/** What the answer says about each number; `asked` are the digits in the order of the question. */
export function readChecks(answer: BinaryNode, asked: string[]): [string, Omit<NumberCheck, 'query'>][] {
  return usyncUsers(answer).map((user, position) => {
    const contact = getBinaryNodeChild(user, 'contact')
    const jid = user.attrs.jid ?? ''
    // The answer repeats the number asked for; where it does not, the JID or the place in the list tells it.
    const echoed = digits(contentText(contact)) || digits(jid.split('@')[0] ?? '')
    const number = asked.includes(echoed) ? echoed : (asked[position] ?? '')
    return [number, { jid, exists: contact?.attrs.type === 'in', verifiedName: verifiedName(user) }]
  })
}

function verifiedName(user: BinaryNode): string {
  const name = readVerifiedName(getBinaryNodeChild(user, 'business'))?.details.verifiedName
  return typeof name === 'string' ? name : ''
}

function contentText(node: BinaryNode | undefined): string {
  const content = node?.content
  if (content instanceof Uint8Array) return Buffer.from(content).toString()
  return typeof content === 'string' ? content : ''
}

function digits(text: string): string {
  return text.replace(/\D/g, '')
}
