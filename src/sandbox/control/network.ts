import { z } from 'zod'
import { LinkedDevice } from '../peer/linked-device.ts'
import { Peer } from '../peer/peer.ts'
import { loadState, readState, saveState } from '../saved/state.ts'
import type { Fault } from '../server/faults.ts'
import { child, node, SERVICE, unixSeconds } from '../world/node.ts'
import { type ControlCall, ControlError, type ControlRoute, get, phoneOf, post } from './route.ts'

/** What a timer can hold; it would end at once with more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

const fault: z.ZodType<Fault> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('delay'), ms: z.number().nonnegative().max(LONGEST_TIMER_MS) }),
  z.object({ kind: z.literal('lose-ack') }),
  z.object({ kind: z.literal('corrupt-message') }),
  z.object({ kind: z.literal('refuse-message'), code: z.number().int() }),
  z.object({
    kind: z.literal('refuse-query'),
    xmlns: z.string(),
    child: z.string().optional(),
    code: z.number().int(),
    text: z.string().optional(),
  }),
  z.object({ kind: z.literal('ignore-query'), xmlns: z.string(), child: z.string().optional() }),
  z.object({
    kind: z.literal('refuse-login'),
    reason: z.number().int(),
    attributes: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  }),
  z.object({ kind: z.literal('close-at-once') }),
  z.object({ kind: z.literal('expire-media') }),
  z.object({ kind: z.literal('stall-media') }),
  z.object({ kind: z.literal('lose-media-retry') }),
  z.object({ kind: z.literal('refuse-call'), code: z.number().int() }),
  z.object({ kind: z.literal('no-call-relay') }),
  z.object({ kind: z.literal('ignore-call') }),
])

/** Whom a fault hits (absent: everybody) and how often (absent: until the faults are cleared). */
const faultScope = z.object({ jid: z.string().optional(), times: z.number().int().positive().optional() })

/** A temporary ban: how long, and why in WhatsApp's numbers (101 to 106); 0 seconds lift it. */
const ban = z.object({
  phone: z.string(),
  seconds: z.number().int().nonnegative(),
  code: z.number().int().default(101),
})

const newGroup = z.object({
  subject: z.string(),
  participants: z.array(z.string()).min(1),
  /** Who creates it; the first participant if nobody is named. */
  creator: z.string().optional(),
})

/** Groups, connections, faults, and a look at everything. */
export const networkRoutes: ControlRoute[] = [
  post('/sandbox/groups', newGroup, createGroup),
  post(
    '/sandbox/disconnect',
    z.object({ jid: z.string(), code: z.number().int().default(503), drop: z.boolean().default(false) }),
    ({ server, body }) => {
      const connections = server.connections(body.jid)
      if (body.drop) server.drop(body.jid)
      else server.streamError(body.jid, body.code, conflicts[body.code])
      return { connections }
    },
  ),
  post('/sandbox/ban', ban, ({ network, server, body }) => {
    const { account } = phoneOf(network, body.phone)
    account.ban = body.seconds > 0 ? { code: body.code, until: unixSeconds() + body.seconds } : undefined
    // What the service says on an open connection is not known; the ban itself is told at the next login.
    if (account.ban) server.drop(account.jid())
    return {}
  }),
  post('/sandbox/faults', z.intersection(fault, faultScope), ({ network, body }) => {
    const { jid, times, ...injected } = body
    const account = jid === undefined ? undefined : network.findAccount(jid)
    if (jid !== undefined && !account) throw new ControlError(404, `nobody has the number ${jid}`)
    network.faults.inject(injected, { account, times })
    return {}
  }),
  {
    method: 'DELETE',
    path: '/sandbox/faults',
    run: async ({ network }) => {
      network.faults.clear()
      return {}
    },
  },
  get('/sandbox/state', state),
  get('/sandbox/state/full', saveState),
  post('/sandbox/state/full', z.unknown(), ({ network, body }) => {
    loadState(network, readState(body))
    return {}
  }),
  get('/sandbox/retry-requests', ({ network }) => {
    const { total, latest } = network.retryRequests
    return { total, latest }
  }),
]

/** What a stream error says beside its code, where the real service says more. */
const conflicts: Record<number, [ReturnType<typeof node>]> = {
  401: [node('conflict', { type: 'device_removed' })],
  440: [node('conflict', { type: 'replaced' })],
}

/** Creates a group as its creator's phone would, so that everybody in it is notified. */
async function createGroup({ network, body }: ControlCall<z.infer<typeof newGroup>>) {
  const [first = '', ...others] = body.creator ? [body.creator, ...body.participants] : body.participants
  const creator = phoneOf(network, first)
  const members = others.map((phone) => phoneOf(network, phone).account)
  const key = `group-${Date.now()}`
  const participants = members.map((member) => node('participant', { jid: member.jid() }))
  const reply = await network.iq(
    creator,
    node('iq', { id: key, to: '@g.us', type: 'set', xmlns: 'w:g2' }, [
      node('create', { subject: body.subject, key }, participants),
    ]),
  )
  const group = network.findGroup(child(reply, 'group')?.attrs.id ?? '')
  if (!group) throw new Error(`${SERVICE} did not create the group`)
  return { jid: group.jid, subject: group.subject }
}

function state(call: ControlCall<undefined>) {
  const { network } = call
  const accounts = [...network.accounts.values()].map((account) => {
    const phone = account.devices.get(0)
    return {
      phone: account.phone,
      name: account.name,
      jid: account.jid(),
      lid: account.lidJid(),
      autoReply: phone instanceof Peer ? phone.autoReply : undefined,
      received: phone instanceof Peer ? phone.messages.length : 0,
      devices: companionsOf(call, account.jid()),
    }
  })
  const groups = [...network.groups.values()].map((group) => ({
    jid: group.jid,
    subject: group.subject,
    members: [...group.members].map(([account, rank]) => ({ phone: account.phone, rank })),
  }))
  return { accounts, groups }
}

function companionsOf({ network, server }: ControlCall<undefined>, jid: string) {
  return [...(network.findAccount(jid)?.devices.values() ?? [])]
    .filter((device) => device instanceof LinkedDevice)
    .map((device) => ({
      jid: device.jid,
      label: device.label,
      connected: device.isConnected,
      logins: server.logins(device.jid),
      ...server.overlaps(device),
      unacknowledged: device.unacknowledged.length,
      preKeys: device.preKeyIds.length,
    }))
}
