import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { limits } from '../../../lib/limits.ts'
import { rejectCall } from '../../../operations/calls/reject-call.ts'
import { ifGiven } from '../../shared/address-fields.ts'
import { oneOf } from '../shapes/aliases.ts'
import { person, required } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

export const callEndpoints: Endpoint[] = [
  post('/call/reject/{id}', {
    summary: 'Reject a call that rings',
    body: z.object({
      callFrom: ifGiven(person('callFrom')).describe('JID of the caller, as the event `call` has it'),
      from: ifGiven(person('from')).describe('Another word for callFrom'),
      callId: required('callId', limits.messageId).describe('Id of the call, as the event has it'),
    }),
    run: rejectCall,
    input: ({ body }) => ({ from: oneOf('callFrom', body.callFrom, body.from), id: body.callId }),
    reply: done,
  }),
]
