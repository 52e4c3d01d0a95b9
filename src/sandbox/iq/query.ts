import { ownMember } from '../../lib/own-member.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Device } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { children, node, SERVICE } from '../world/node.ts'
import { appState } from './app-state.ts'
import { bots } from './bots.ts'
import { catalogs } from './catalog.ts'
import { communities } from './communities.ts'
import { companions } from './companions.ts'
import { contactLinks } from './contact-links.ts'
import { media } from './media.ts'
import { mex } from './mex.ts'
import { newsletters } from './newsletter.ts'
import { preKeys } from './prekeys.ts'
import { privacy } from './privacy.ts'
import { profile } from './profile.ts'
import { session } from './session.ts'
import { thrift } from './thrift.ts'
import { usync } from './usync.ts'

/** One request: who asks, the whole node, and its first child, which usually says what is wanted. */
export interface Query {
  network: Network
  from: Device
  request: BinaryNode
  /** The first child; an empty node when there is none. */
  what: BinaryNode
}

/** Children of the result. Nothing means plain "ok". */
export type Answer = BinaryNode[] | undefined

/** Answers one namespace. Throws `QueryError` to refuse. */
export type QueryFamily = (query: Query) => Answer

/** A refusal: the code and text of `<error>`. */
class QueryError extends Error {
  readonly code: number

  constructor(code: number, text: string) {
    super(text)
    this.code = code
  }
}

/** Refusals that several families use. */
export const refusals = {
  badRequest: () => new QueryError(400, 'bad-request'),
  notAuthorized: () => new QueryError(401, 'not-authorized'),
  forbidden: () => new QueryError(403, 'forbidden'),
  notFound: () => new QueryError(404, 'item-not-found'),
  notAcceptable: () => new QueryError(406, 'not-acceptable'),
  conflict: () => new QueryError(409, 'conflict'),
  gone: () => new QueryError(410, 'gone'),
}

const FAMILIES: Record<string, QueryFamily> = {
  ...appState,
  ...bots,
  ...catalogs,
  ...communities,
  ...companions,
  ...contactLinks,
  ...media,
  ...mex,
  ...newsletters,
  ...preKeys,
  ...privacy,
  ...profile,
  ...session,
  ...thrift,
  ...usync,
}

/**
 * Answers a query by its namespace. An unknown one gets an empty result, as a client that waits for an answer
 * stalls for a minute; it is counted in `network.unknownQueries`.
 */
export async function answerQuery(network: Network, from: Device, request: BinaryNode): Promise<BinaryNode> {
  const xmlns = request.attrs.xmlns ?? ''
  const what = children(request)[0] ?? node('')
  const reply = { id: request.attrs.id, from: request.attrs.to ?? SERVICE }

  const refusal = network.faults.take(
    'refuse-query',
    from.account,
    (fault) => fault.xmlns === xmlns && (fault.child ?? what.tag) === what.tag,
  )
  if (refusal) return errorReply(reply, refusal.code, refusal.text ?? 'refused')

  const family = ownMember(FAMILIES, xmlns)
  if (!family) network.noteUnknownQuery(`${xmlns} ${what.tag}`)
  try {
    return node('iq', { ...reply, type: 'result' }, family?.({ network, from, request, what }))
  } catch (error) {
    if (error instanceof QueryError) return errorReply(reply, error.code, error.message)
    throw error
  }
}

function errorReply(reply: { id: string | undefined; from: string }, code: number, text: string): BinaryNode {
  return node('iq', { ...reply, type: 'error' }, [node('error', { code, text })])
}
