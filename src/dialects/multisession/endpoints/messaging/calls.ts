import { z } from 'zod'
import { type Endpoint, post } from '../../../../http/endpoint/endpoint.ts'
import { text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import { rejectCall } from '../../../../operations/calls/reject-call.ts'
import { done } from '../../envelope.ts'
import { address, oneOf, personOf, requireAddress } from '../../shapes/chat-address.ts'
import { live } from '../../shapes/live.ts'

const MISSING = 'call_from and call_id are required'

function callerOf(given: string): string {
  try {
    return personOf(given) ?? ''
  } catch (cause) {
    const reason = cause instanceof ApiError ? cause.message : String(cause)
    throw new ApiError('invalid_field', { text: `invalid call from JID: ${reason}` }, { cause })
  }
}

export const callEndpoints: Endpoint[] = [
  post('/calls/reject', {
    summary: 'Reject an incoming call',
    needs: 'stored',
    body: z.object({
      call_from: address,
      callfrom: address,
      call_id: text(limits.messageId),
      callid: text(limits.messageId),
    }),
    run: live(rejectCall),
    input: ({ body }) => {
      const from = requireAddress(oneOf(body.call_from, body.callfrom), MISSING)
      const id = requireAddress(oneOf(body.call_id, body.callid), MISSING)
      return { from: callerOf(from), id }
    },
    reply: done('Call rejected successfully'),
  }),
]
