import type { CallEvent, Event } from '../../events/event.ts'
import { bare, isLidJid } from '../../lib/jid.ts'
import type { Database } from '../../store/database/database.ts'
import { recentEventsOf } from '../../store/delivery/events.ts'
import type { BinaryNode, WASocket } from '../library/engine.ts'
import { lidOf } from './addresses.ts'
import { callStanza, writeStep } from './steps.ts'

type Stored = Extract<CallEvent, { type: 'call.state' | 'call.offer' }>
type StateEvent = Extract<CallEvent, { type: 'call.state' }>

export interface FormerCallsDeps {
  db: Database
  userId: string
  /** LID of this device. */
  ownDevice: string
  socket: WASocket
  record(events: Event[]): Promise<void>
  send(stanza: BinaryNode): void
}

const MAX_EVENTS = 1_000

/**
 * Ends the calls that a process left open when it died: receivers are told, and so is the other side. Of calls nobody was
 * to be told of there is no trace.
 */
export async function endFormerCalls(
  deps: FormerCallsDeps,
  isHeld: (callId: string) => boolean,
): Promise<void> {
  const events = await recentEventsOf(deps.db, deps.userId, {
    family: 'call',
    types: ['call.state', 'call.offer'],
    limit: MAX_EVENTS,
  })
  // The payload is what the bus stored, and only events are.
  const stored = events.map(({ payload }) => JSON.parse(payload) as Stored)
  const latest = new Map<string, StateEvent>()
  for (const event of stored)
    if (event.type === 'call.state' && !latest.has(event.callId)) latest.set(event.callId, event)
  for (const state of latest.values()) {
    if (state.state === 'ended' || isHeld(state.callId)) continue
    const timestamp = Math.floor(Date.now() / 1000)
    await deps.record([{ ...state, state: 'ended', reason: 'connection_lost', timestamp }])
    // A phone that rings may still be taken on another device.
    if (state.direction === 'outgoing' || state.state !== 'ringing') await hangUp(deps, state, stored)
  }
}

async function hangUp(
  { ownDevice, socket, send }: FormerCallsDeps,
  { callId, direction, peer }: StateEvent,
  stored: Stored[],
): Promise<void> {
  const offer = stored.find((event) => event.type === 'call.offer' && event.callId === callId)
  const creator = direction === 'outgoing' ? ownDevice : offer?.type === 'call.offer' ? offer.creator : ''
  const to = direction === 'outgoing' ? await lidOf(socket, peer) : bare(creator)
  if (isLidJid(to)) send(callStanza(to, writeStep({ callId, creator }, { tag: 'terminate' }, 'opus')))
}
