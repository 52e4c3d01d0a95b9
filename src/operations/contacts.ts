import { randomBytes } from 'node:crypto'
import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, proto } from '../whatsapp/engine.ts'
import type { LiveSession } from '../whatsapp/session.ts'

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
 * drops numbers that do not exist and reads no verified name (guide to the library, sections 9 and 10).
 */
export async function checkNumbers(session: LiveSession, queries: string[]): Promise<NumberCheck[]> {
  const numbers = [...new Set(queries.map(digits))].filter((number) => number !== '')
  const found = new Map<string, Omit<NumberCheck, 'query'>>()
  for (let first = 0; first < numbers.length; first += NUMBERS_PER_QUERY) {
    const portion = numbers.slice(first, first + NUMBERS_PER_QUERY)
    const answer = await session.call((socket) => socket.query(usync(portion), QUERY_TIMEOUT_MS))
    for (const [number, check] of readChecks(answer, portion)) found.set(number, check)
  }
  const unknown = { jid: '', exists: false, verifiedName: '' }
  return queries.map((query) => ({ query, ...(found.get(digits(query)) ?? unknown) }))
}

function usync(numbers: string[]): BinaryNode {
  const user = (number: string): BinaryNode => ({
    tag: 'user',
    attrs: {},
    content: [{ tag: 'contact', attrs: {}, content: `+${number}` }],
  })
  return {
    tag: 'iq',
    attrs: { to: 's.whatsapp.net', type: 'get', xmlns: 'usync' },
    content: [
      {
        tag: 'usync',
        attrs: {
          sid: randomBytes(8).toString('hex'),
          mode: 'query',
          last: 'true',
          index: '0',
          context: 'interactive',
        },
        content: [
          {
            tag: 'query',
            attrs: {},
            content: [
              { tag: 'business', attrs: {}, content: [{ tag: 'verified_name', attrs: {} }] },
              { tag: 'contact', attrs: {} },
            ],
          },
          { tag: 'list', attrs: {}, content: numbers.map(user) },
        ],
      },
    ],
  }
}

/** What the answer says about each number; `asked` are the digits in the order of the question. */
export function readChecks(answer: BinaryNode, asked: string[]): [string, Omit<NumberCheck, 'query'>][] {
  const list = getBinaryNodeChild(getBinaryNodeChild(answer, 'usync'), 'list')
  return getBinaryNodeChildren(list, 'user').map((user, position) => {
    const contact = getBinaryNodeChild(user, 'contact')
    const jid = user.attrs.jid ?? ''
    // The answer repeats the number asked for; where it does not, the JID or the place in the list tells it.
    const echoed = digits(contentText(contact)) || digits(jid.split('@')[0] ?? '')
    const number = asked.includes(echoed) ? echoed : (asked[position] ?? '')
    return [number, { jid, exists: contact?.attrs.type === 'in', verifiedName: verifiedName(user) }]
  })
}

function verifiedName(user: BinaryNode): string {
  const business = getBinaryNodeChild(user, 'business')
  const certificate = business && getBinaryNodeChild(business, 'verified_name')?.content
  if (!(certificate instanceof Uint8Array)) return ''
  const { details } = proto.VerifiedNameCertificate.decode(certificate)
  return details ? (proto.VerifiedNameCertificate.Details.decode(details).verifiedName ?? '') : ''
}

function contentText(node: BinaryNode | undefined): string {
  const content = node?.content
  if (content instanceof Uint8Array) return Buffer.from(content).toString()
  return typeof content === 'string' ? content : ''
}

function digits(text: string): string {
  return text.replace(/\D/g, '')
}
