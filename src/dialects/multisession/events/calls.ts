import type { EventOf } from '../../../events/event.ts'
import type { CallFacts } from '../../../events/event-parts.ts'
import { ownMember } from '../../../lib/own-member.ts'
import type { EventName } from './names.ts'
import { type Telling, type Tellings, tellFacts } from './telling.ts'

/** Further steps of a call by the tag of their element. */
const STEPS: Record<string, EventName> = {
  preaccept: 'call.pre_accept',
  reject: 'call.reject',
  transport: 'call.transport',
}

/** What is told of calls. */
export const callTellings = {
  'call.offer': (event) => [tellFacts('call.offer', call(event))],
  'call.accept': (event) => [tellFacts('call.accept', call(event))],
  'call.terminate': (event) => [tellFacts('call.terminate', { ...call(event), reason: event.reason })],
  'call.offer.notice': (event) => [
    tellFacts('call.offer_notice', { ...call(event), media: event.media, type: event.callType }),
  ],
  'call.relay': (event) => [tellFacts('call.relay_latency', call(event))],
  'call.other': otherStep,
} satisfies Partial<Tellings>

function otherStep(event: EventOf<'call.other'>): Telling[] {
  const name = ownMember(STEPS, event.data.tag)
  return [name ? tellFacts(name, call(event)) : tellFacts('call.unknown', {})]
}

function call({ callId, from, timestamp }: CallFacts): object {
  return { call_id: callId, from, timestamp }
}
