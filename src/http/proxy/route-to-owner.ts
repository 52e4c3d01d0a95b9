import { Agent, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Request } from 'express'
import { answerMoved, isFromNode, refuseMoved } from '../../cluster/internal.ts'
import type { Owner, Ownership } from '../../cluster/ownership.ts'
import type { RequestBarrier } from '../../cluster/request-barrier.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Forward, ForwardUpgrade } from '../endpoint/mount.ts'
import { ownerGone, type Passed, proxyRequest } from './proxy-request.ts'
import { proxyUpgrade } from './proxy-upgrade.ts'

/** How long a request waits for a node to take over the session it is about. */
const PATIENCE_MS = 10_000
/** Pauses between two looks for the owner: a hand-over takes tens of milliseconds, the end of a dead node's lease seconds. */
const PAUSES_MS = [20, 50, 100, 250]
/** Connections to another node that are kept although nothing is on them, and for how long. */
const IDLE_CONNECTIONS = 64
const IDLE_MS = 30_000

/** What decides where requests are served. */
export interface ForwardParts {
  ownership: Ownership
  barrier: RequestBarrier
  /** Where a node is reached; undefined for one that does not live. */
  addressOf: (nodeId: string) => Promise<string | undefined>
  /** Opens the internal port of the other nodes. */
  secret: string
  log: Logger
}

/** Brings requests to the node that has the session they are about. */
export interface Forwarding {
  forward: Forward
  /** The same for a stream: `true` when another node, or a refusal, has been connected to the socket. */
  forwardUpgrade: ForwardUpgrade
  stop(): void
}

/** One request or stream on its way. */
interface ProxiedExchange {
  /** Another node has passed it on. */
  isFromNode: boolean
  /** Its client is gone. */
  isOver(): boolean
  /** Tells the node that passed it on that the session is not here. */
  moved(): void
  pass(address: string): Promise<Passed>
  /** It is served here; `leave` must be called when that is done. */
  onLocal(leave: () => void): void
}

/** Starts forwarding, for servers that share their sessions. */
export function startForwarding(parts: ForwardParts): Forwarding {
  const { secret } = parts
  const agent = new Agent({ keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS, timeout: IDLE_MS })

  return {
    async forward(principal, request, response, { nodeId, isEndless } = {}) {
      if (nodeId) return routeToNode(nodeId, request, response)
      if (principal.kind !== 'user') return false
      return routeToOwner(parts, principal.user.id, {
        isFromNode: isFromNode(request),
        isOver: () => response.destroyed,
        moved: () => answerMoved(response),
        pass: (address) =>
          proxyRequest(request, response, {
            address,
            secret,
            agent,
            client: request.ip ?? '',
            async isThere() {
              const owner = await parts.ownership.ownerOf(principal.user.id)
              return owner.kind === 'elsewhere' && owner.address === address
            },
          }),
        onLocal: (leave) => {
          if (response.destroyed || isEndless) leave()
          else response.once('close', leave)
        },
      })
    },
    async forwardUpgrade(principal, request, socket, head) {
      if (principal.kind !== 'user') return false
      const client = request.ip ?? ''
      return routeToOwner(parts, principal.user.id, {
        isFromNode: isFromNode(request),
        isOver: () => socket.destroyed,
        moved: () => refuseMoved(socket),
        pass: (address) => proxyUpgrade(request, { socket, head }, { address, secret, agent, client }),
        // A stream may last for ever, so no hand-over waits for it.
        onLocal: (leave) => leave(),
      })
    },
    stop: () => agent.destroy(),
  }

  /** A node that is gone has taken what it had with it, so that this one finds nothing either. */
  async function routeToNode(nodeId: string, request: Request, response: ServerResponse): Promise<boolean> {
    if (nodeId === parts.ownership.nodeId || isFromNode(request)) return false
    const address = await parts.addressOf(nodeId)
    if (address === undefined) return false
    const passed = await proxyRequest(request, response, {
      address,
      secret,
      agent,
      client: request.ip ?? '',
      isThere: async () => (await parts.addressOf(nodeId)) === address,
    })
    if (passed !== 'answered')
      throw new ApiError('lease_lost', { text: `the node ${nodeId} does not answer` })
    return true
  }
}

/** True when the request has been dealt with; false when it is to be served here. Throws `lease_lost`. */
async function routeToOwner(
  { ownership, barrier, log }: ForwardParts,
  userId: string,
  bearer: ProxiedExchange,
): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS
  for (let attempt = 0; !bearer.isOver(); attempt++) {
    const isTooLate = performance.now() >= deadline
    const leave = await barrier.enter(userId)
    const owner = await ownership.ownerOf(userId).catch((error: unknown) => {
      leave()
      throw error
    })
    if (owner.kind === 'here' || (!bearer.isFromNode && isNobodys(owner, isTooLate))) {
      bearer.onLocal(leave)
      return false
    }
    leave()
    if (bearer.isFromNode) {
      bearer.moved()
      return true
    }
    if (owner.kind === 'elsewhere') {
      const passed = await bearer.pass(owner.address)
      if (passed === 'answered') return true
      if (passed === 'refused')
        log.error({ node: owner.nodeId }, 'another node refuses us: all need the same encryption key')
      if (isTooLate) throw ownerGone()
    }
    await delay(PAUSES_MS[attempt] ?? PAUSES_MS.at(-1))
  }
  return true
}

/** A session that is wanted gets an owner soon, so it is waited for; a session nobody wants can be begun here. */
function isNobodys(owner: Owner, isTooLate: boolean): boolean {
  return owner.kind === 'nobody' && (!owner.isWanted || isTooLate)
}
