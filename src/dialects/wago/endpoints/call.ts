import { z } from 'zod'
import { type Endpoint, get, post, type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { carryVoice } from '../../../operations/account/calls.ts'
import {
  rejectTracked,
  type TrackedCall,
  trackedCall,
  trackedCalls,
} from '../../../operations/account/tracked-calls.ts'
import type { UserScope } from '../../../operations/services.ts'
import { callFields, callShape } from '../shapes/call-shape.ts'
import { required } from '../shapes/fields.ts'

const callId = required('CallID', limits.messageId)
const url = text(limits.url)

/** Calls answer without an envelope. */
const details = z.object({ details: z.string() })

function bare(sentence: string): Reply<unknown> {
  return reply(details, () => ({ details: sentence }), { bare: true })
}

/** An endpoint for voice, which checks what it was given and says that this server carries none. */
function voice(path: string, summary: string, body: z.ZodObject): Endpoint {
  return post(path, {
    summary: `${summary} (not supported: answers 501)`,
    body,
    run: carryVoice,
    reply: bare(''),
  })
}

/** One call, or all of them where none is named. */
async function callsOf(scope: UserScope, id: string): Promise<TrackedCall | TrackedCall[]> {
  return id === '' ? trackedCalls(scope) : trackedCall(scope, id)
}

export const callEndpoints: Endpoint[] = [
  voice(
    '/call/make',
    'Call somebody',
    z.object({ CallTo: required('CallTo', limits.address), AudioFile: url }),
  ),
  voice('/call/answer', 'Take a call', z.object({ CallID: callId })),

  post('/call/reject', {
    summary: 'Reject a call that rings',
    needs: 'stored',
    body: z.object({ CallID: callId.describe('Id of the call, as its event has it') }),
    run: rejectTracked,
    input: ({ body }) => body.CallID,
    reply: bare('call rejected'),
  }),

  voice('/call/hangup', 'End a call', z.object({ CallID: callId })),
  voice(
    '/call/play',
    'Play a file into a call',
    z.object({ CallID: callId, AudioFile: required('AudioFile', limits.url) }),
  ),
  voice('/call/play/pause', 'Pause what plays', z.object({ CallID: callId })),
  voice('/call/play/resume', 'Go on playing', z.object({ CallID: callId })),
  voice('/call/play/stop', 'Stop playing', z.object({ CallID: callId })),
  voice('/call/record', 'Record a call', z.object({ CallID: callId, Path: url })),
  voice('/call/record/stop', 'Stop recording', z.object({ CallID: callId })),

  get('/call/status', {
    summary: 'List the calls of the last days, or show one of them',
    needs: 'stored',
    query: z.object({ callID: text(limits.messageId).describe('The call to show; all when empty') }),
    run: callsOf,
    input: ({ query }) => query.callID,
    reply: reply(
      z.union([z.object({ calls: z.array(callShape) }), z.object({ call: callShape })]),
      (found: TrackedCall | TrackedCall[]) =>
        Array.isArray(found) ? { calls: found.map(callFields) } : { call: callFields(found) },
      { bare: true },
    ),
  }),

  get('/call/webrtc/config', {
    summary: 'Tell how a browser connects to a call (not supported: answers 501)',
    run: carryVoice,
    reply: bare(''),
  }),
  voice(
    '/call/webrtc/offer',
    'Let a browser talk in a call',
    z.object({
      callID: required('callID', limits.messageId),
      sdp: required('sdp'),
      type: text(limits.name),
    }),
  ),
  voice(
    '/call/webrtc/close',
    'Take the browser out of a call',
    z.object({ callID: required('callID', limits.messageId) }),
  ),
]
