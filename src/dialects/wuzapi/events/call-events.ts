import type { RenderContext, Rendered } from '../../../delivery/renderer.ts'
import type { Event, EventOf } from '../../../events/event.ts'
import { postmap } from '../../shared/go/postmap.ts'
import { sortedMembers } from '../../shared/go/stringify.ts'
import { goTime } from '../../shared/go/time.ts'
import { commonRenderers } from '../../shared/whatsmeow/renderers.ts'

/** What is done here is told by the answer to the request, and the other ends by stanzas, which are events of their own. */
const TOLD_OTHERWISE = {
  outgoing: ['hangup', 'remote_hangup', 'timeout', 'accepted_elsewhere', 'rejected_elsewhere'],
  incoming: ['hangup', 'remote_hangup', 'rejected', 'missed', 'accepted_elsewhere', 'rejected_elsewhere'],
}

/** Whether an event is told; of what this server does with calls itself only an end of which there is nothing else. */
export function isCallTold(event: Event): boolean {
  if (event.type !== 'call.state') return true
  return event.state === 'ended' && !TOLD_OTHERWISE[event.direction].includes(event.reason)
}

/** wuzapi's branch that carries voice adds `callId`, `caller` and `reason` to what it tells of its own calls. */
export const callRenderers = {
  'call.accept': (event: EventOf<'call.accept'>, context: RenderContext) =>
    withOwn(event, commonRenderers['call.accept'](event, context)),
  'call.terminate': (event: EventOf<'call.terminate'>, context: RenderContext) =>
    withOwn(event, commonRenderers['call.terminate'](event, context), { reason: event.reason }),
  // A call that was rejected, or failed here, has no stanza that the library tells as its end.
  'call.state': (event: EventOf<'call.state'>, { timeZone }: RenderContext) => {
    if (!isCallTold(event)) return undefined
    const { callId, peer, reason, timestamp } = event
    const told = {
      From: peer,
      Timestamp: goTime(timestamp, timeZone),
      CallCreator: '',
      CallCreatorAlt: '',
      CallID: callId,
      GroupJID: '',
      Reason: reason,
      Data: null,
    }
    return postmap('CallTerminate', told, { callId, caller: peer, reason })
  },
}

function withOwn(
  event: EventOf<'call.accept' | 'call.terminate'>,
  { name, payload }: Rendered,
  extras: object = {},
): Rendered {
  if (event.peer === undefined) return { name, payload }
  const own = { callId: event.callId, caller: event.peer, ...extras }
  return { name, payload: Object.fromEntries(sortedMembers({ ...payload, ...own })) }
}
