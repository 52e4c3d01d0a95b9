import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { requiredText } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { playIntoCall } from '../../../operations/calls/call-sound.ts'
import {
  answerCall,
  hangUpCall,
  ownCalls,
  placeCall,
  requireCalls,
  requireSession,
} from '../../../operations/calls/own-calls.ts'
import { type IncomingCall, rejectCall } from '../../../operations/calls/reject-call.ts'
import type { UserScope } from '../../../operations/services.ts'
import type { Call } from '../../../whatsapp/calls/calls.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { CALLS_NOTE, CALLS_NOTE_IF_OFF } from '../../shared/call-words.ts'
import { asCall, withStatus } from '../shapes/call-failures.ts'
import { required } from '../shapes/fields.ts'
import { parseJid, requireJid } from '../shapes/jid.ts'

/** The answer names the call. */
async function reject(session: LiveSession, call: IncomingCall): Promise<IncomingCall> {
  await rejectCall(session, call)
  return call
}

/** Calls somebody, with the statuses of the branch: 503 without a connection, 502 for whatever else goes wrong. */
async function dial(scope: UserScope, to: string): Promise<Call> {
  try {
    return await placeCall(scope, to)
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.code === 'unsupported') throw cause
    const isOffline = ['no_session', 'not_connected', 'not_logged_in'].includes(cause.code)
    throw isOffline ? withStatus(cause, 503, 'whatsapp session not connected') : withStatus(cause, 502)
  }
}

/** Video is no part of calls here, whether voice is on or off. */
function carryVideo(scope: UserScope): never {
  requireCalls(scope)
  throw new ApiError('unsupported', { text: 'video calls are not supported: calls carry voice only' })
}

/** The states of a call as numbers, which is how the branch shows them; it does not document which is which. */
const STATES: Call['state'][] = ['calling', 'ringing', 'connecting', 'active', 'ended']

const succeeded = reply(z.object({ success: z.boolean() }), (_: unknown) => ({ success: true }))
const withId = reply(z.object({ call_id: z.string(), success: z.boolean() }), ({ id }: Call) => ({
  call_id: id,
  success: true,
}))

const NO_ID = 'call_id is required'
const callId = requiredText(NO_ID, limits.messageId).describe('Id of the call, as its CallOffer event has it')

/** What endpoints of voice have in common: a body that lacks something and one that cannot be read are one failure. */
const ofVoice = (missing: string) =>
  ({ description: CALLS_NOTE, needs: 'stored', before: requireSession, undecodable: missing }) as const

/** Calling has a sentence of its own for a session that is not there. */
const ofDialling = { ...ofVoice('phone is required'), before: undefined }

const answer = asCall(answerCall)
const hangUp = asCall(hangUpCall)
const play = asCall(playIntoCall)

function video(path: string, summary: string): Endpoint {
  return post(path, {
    summary: `${summary} (not supported: answers 501)`,
    ...ofVoice(NO_ID),
    body: z.object({ call_id: callId }),
    run: carryVideo,
    reply: succeeded,
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

  post('/call/dial', {
    summary: 'Call somebody',
    ...ofDialling,
    body: z.object({
      phone: requiredText('phone is required', limits.address).describe('A number, or the JID of a person'),
    }),
    run: dial,
    repeatable: 'change',
    input: ({ body }, { profile }) => {
      const jid = parseJid(body.phone, profile)
      if (jid === undefined) throw new ApiError('invalid_jid', { text: 'could not parse phone' })
      return jid
    },
    reply: withId,
  }),
  post('/call/answer', {
    summary: 'Take a call that rings',
    ...ofVoice(NO_ID),
    body: z.object({ call_id: callId }),
    run: answer,
    input: ({ body }) => body.call_id,
    reply: withId,
  }),
  post('/call/hangup', {
    summary: 'End a call, or give it up while it rings',
    ...ofVoice(NO_ID),
    body: z.object({ call_id: callId }),
    run: hangUp,
    input: ({ body }) => body.call_id,
    reply: succeeded,
  }),
  post('/call/play', {
    summary: 'Play a file into a call, in place of what plays; it waits until the call is taken',
    ...ofVoice('call_id and audio_url are required'),
    body: z.object({
      call_id: requiredText('call_id and audio_url are required', limits.messageId),
      audio_url: requiredText('call_id and audio_url are required', limits.url).describe(
        'An http(s) address, or a file below the folder of calls (CALL_FILES_DIR)',
      ),
    }),
    run: play,
    input: ({ body }) => ({ id: body.call_id, file: body.audio_url }),
    reply: succeeded,
  }),
  video('/call/video/start', 'Turn the camera of a call on'),
  video('/call/video/accept', 'Accept the camera of a call'),
  video('/call/video/stop', 'Turn the camera of a call off'),

  get('/call/active', {
    summary: 'List the calls that this server takes part in and that have not ended',
    description: CALLS_NOTE_IF_OFF,
    run: ownCalls,
    reply: reply(
      z.object({
        calls: z.array(
          z.object({
            call_id: z.string(),
            caller: z.string().describe('JID of the other side'),
            state: z
              .string()
              .describe('0 calling, 1 ringing, 2 connecting, 3 active; the numbers are of this server'),
          }),
        ),
      }),
      (calls: Call[]) => ({
        calls: calls.map(({ id, peer, state }) => ({
          call_id: id,
          caller: peer,
          state: String(STATES.indexOf(state)),
        })),
      }),
    ),
  }),
]
