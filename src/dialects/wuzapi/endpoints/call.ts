import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { requiredText } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { carryVoice, type IncomingCall, rejectCall } from '../../../operations/account/calls.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { required } from '../shapes/fields.ts'
import { requireJid } from '../shapes/jid.ts'

/** The answer names the call. */
async function reject(session: LiveSession, call: IncomingCall): Promise<IncomingCall> {
  await rejectCall(session, call)
  return call
}

const never = reply<never>(z.object({ success: z.boolean() }), () => ({ success: true }))

/** An endpoint of a wuzapi that carries voice: checks what it was given and says that this server does not. */
function voice(path: string, summary: string, fields: string[], missing: string): Endpoint {
  const required = fields.map((field) => [field, requiredText(missing, limits.url)])
  return post(path, {
    summary: `${summary} (not supported: answers 501)`,
    body: z.object(Object.fromEntries(required)),
    undecodable: missing,
    run: carryVoice,
    reply: never,
  })
}

export const callEndpoints: Endpoint[] = [
  post('/call/reject', {
    summary: 'Reject a call that rings',
    body: z.object({
      call_from: required('call_from', limits.address).describe('JID of the caller'),
      call_id: required('call_id', limits.messageId).describe(
        'Id of the call, as its CallOffer event has it',
      ),
    }),
    run: reject,
    input: ({ body }, { profile }) => ({
      id: body.call_id,
      from: requireJid(body.call_from, 'call_from', profile),
    }),
    reply: reply(z.object({ CallID: z.string(), Details: z.string() }), ({ id }: IncomingCall) => ({
      CallID: id,
      Details: 'Call rejected',
    })),
    failure: 'error rejecting call: %s',
  }),

  voice('/call/dial', 'Call somebody', ['phone'], 'phone is required'),
  voice('/call/answer', 'Take a call', ['call_id'], 'call_id is required'),
  voice('/call/hangup', 'End a call', ['call_id'], 'call_id is required'),
  voice(
    '/call/play',
    'Play a file into a call',
    ['call_id', 'audio_url'],
    'call_id and audio_url are required',
  ),
  voice('/call/video/start', 'Turn the camera of a call on', ['call_id'], 'call_id is required'),
  voice('/call/video/accept', 'Accept the camera of a call', ['call_id'], 'call_id is required'),
  voice('/call/video/stop', 'Turn the camera of a call off', ['call_id'], 'call_id is required'),

  get('/call/active', {
    summary: 'List the calls this server takes part in (none: it does not carry voice)',
    run: () => [],
    reply: reply(
      z.object({ calls: z.array(z.object({ call_id: z.string(), caller: z.string(), state: z.string() })) }),
      (calls: never[]) => ({ calls }),
    ),
  }),
]
