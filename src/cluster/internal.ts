import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { ownMember } from '../lib/own-member.ts'
import { equalSecrets } from '../lib/secrets/timing-safe-equal.ts'

/**
 * What nodes tell each other about a request, beside the request itself. Nobody else can: these headers are dropped
 * from what a client sends and believed on the internal port alone, which opens to the shared secret.
 */
const SECRET = 'parley-node-secret'
const CLIENT = 'parley-node-client'
const REQUEST = 'parley-node-request'
const OUTCOME = 'parley-node-outcome'

/** What a node made of a request that another one passed on; absent when something else answers at its address. */
export type Outcome = 'answered' | 'moved' | 'refused'

const fromNodes = new WeakSet<IncomingMessage>()

/** Whether another node has passed this request on; it must not be passed on again. */
export function isFromNode(request: IncomingMessage): boolean {
  return fromNodes.has(request)
}

/** Whom a request is passed on for, and the id it has in the log of the node that was asked first. */
export interface PassedOn {
  client: string
  id: string
}

/** The headers that open the internal ports of all nodes, and what else they are told of a request that is passed on. */
export function introduction(secret: string, passedOn?: PassedOn): string[] {
  return [SECRET, secret, CLIENT, passedOn?.client ?? '', REQUEST, passedOn?.id ?? '']
}

/** The id that the node which was asked first gave to a request; undefined when that is this one. */
export function idFromNode(request: IncomingMessage): string | undefined {
  const id = isFromNode(request) ? request.headers[REQUEST] : undefined
  return typeof id === 'string' && id !== '' ? id : undefined
}

/** Whether a header belongs to the nodes alone. */
export function isNodeHeader(name: string): boolean {
  return [SECRET, CLIENT, REQUEST, OUTCOME].includes(name.toLowerCase())
}

/** What the other node made of the request it answers. */
export function outcomeOf(answer: IncomingMessage): Outcome | undefined {
  const said = answer.headers[OUTCOME]
  return said === 'answered' || said === 'moved' || said === 'refused' ? said : undefined
}

/** Answers another node that the session is not here, before anything of the body is read. */
export function answerMoved(response: ServerResponse): void {
  response.writeHead(421, { [OUTCOME]: 'moved', 'Content-Length': 0 }).end()
}

/** Answers another node that the session whose stream it asks for is not here. */
export function refuseMoved(socket: Duplex): void {
  endWith(socket, '421 Misdirected Request', 'moved')
}

/** What the internal port answers by itself, at these paths: JSON for other nodes. */
export type OwnPages = Record<string, () => unknown>

/** The internal port of a node: everything that the public one has, for whoever has the shared secret. */
export function internalListener(
  app: RequestListener,
  { secret, pages }: { secret: string; pages: OwnPages },
): RequestListener {
  return (request, response) => {
    if (!isIntroduced(request, secret)) {
      response.writeHead(403, { [OUTCOME]: 'refused', 'Content-Length': 0, Connection: 'close' }).end()
      return
    }
    response.setHeader(OUTCOME, 'answered')
    const page = ownMember(pages, request.url ?? '')
    if (page) response.setHeader('Content-Type', 'application/json').end(JSON.stringify(page()))
    else app(request, response)
  }
}

/** What answers a request for a stream. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** The streams of the internal port. */
export function internalUpgrades(listener: UpgradeListener, secret: string): UpgradeListener {
  return (request, socket, head) => {
    if (isIntroduced(request, secret)) listener(request, socket, head)
    else endWith(socket, '403 Forbidden', 'refused')
  }
}

function isIntroduced(request: IncomingMessage, secret: string): boolean {
  const offered = request.headers[SECRET]
  if (typeof offered !== 'string' || !equalSecrets(offered, secret)) return false
  fromNodes.add(request)
  // Express finds the address of a client in the connection, which is another node's here.
  Object.defineProperty(request, 'ip', { value: request.headers[CLIENT] ?? '' })
  return true
}

function endWith(socket: Duplex, status: string, outcome: Outcome): void {
  // Node gives the socket of an upgrade away without a listener: a client that resets it would end the process.
  socket.on('error', () => socket.destroy())
  const head = `HTTP/1.1 ${status}\r\n${OUTCOME}: ${outcome}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
  // What the client still sends is nobody's: unread it would keep the socket for ever.
  socket.end(head, () => socket.destroy())
}
