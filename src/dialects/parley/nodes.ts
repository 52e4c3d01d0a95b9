import { z } from 'zod'
import { type Endpoint, get, reply } from '../../http/endpoint/endpoint.ts'
import { allNodes, type NodeReport, type SessionReport, sessionPlaces } from '../../operations/admin/nodes.ts'

const node = z.object({
  id: z.string().describe('Its NODE_ID, with a number for each worker'),
  address: z.string().describe('Where the other nodes reach it; empty where there is only one'),
  since: z.int().describe('When it was started, in Unix milliseconds like the other instants'),
  seenUntil: z.int().optional().describe('Until when the others count on it'),
  state: z
    .enum(['running', 'draining', 'dead'])
    .describe('draining: it is about to stop and gives its sessions away; dead: the others take them'),
  sessions: z.int().describe('How many it runs'),
})

const session = z.object({
  userId: z.string(),
  name: z.string(),
  wanted: z.boolean().describe('Whether it should run'),
  state: z
    .string()
    .describe('queued, connecting, pairing, open, retrying, blocked, ...; empty while unknown'),
  node: z.string().optional().describe('Id of the node that runs it; absent while none does'),
  leaseUntil: z.int().optional().describe('Until when the other nodes leave it there'),
})

export const nodeEndpoints: Endpoint[] = [
  get('/nodes', {
    summary: 'The nodes that share the sessions',
    needs: 'none',
    run: allNodes,
    reply: reply(z.object({ nodes: z.array(node) }), (nodes: NodeReport[]) => ({ nodes })),
  }),

  get('/sessions', {
    summary: 'The sessions that run or should, and where',
    needs: 'none',
    run: sessionPlaces,
    reply: reply(z.object({ sessions: z.array(session) }), (sessions: SessionReport[]) => ({ sessions })),
  }),
]
