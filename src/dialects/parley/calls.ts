import { z } from 'zod'
import { del, type Endpoint, get, post, type Reply, reply } from '../../http/endpoint/endpoint.ts'
import { requiredText, textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import {
  type IceServer,
  iceServersOf,
  letBrowserGo,
  letBrowserIn,
} from '../../operations/calls/call-browser.ts'
import { describeCall } from '../../operations/calls/call-list.ts'
import {
  listNamedCalls,
  type NamedCall,
  nameCall,
  showNamedCall,
} from '../../operations/calls/named-calls.ts'
import {
  answerCall,
  hangUpCall,
  muteCall,
  placeCall,
  readCallDiary,
  requireSession,
} from '../../operations/calls/own-calls.ts'
import { rejectTracked } from '../../operations/calls/tracked-calls.ts'
import type { UserScope } from '../../operations/services.ts'
import type { Call, CallDiary } from '../../whatsapp/calls/calls.ts'
import { addressFields } from '../shared/address-fields.ts'
import { CALLS_NOTE, CALLS_NOTE_IF_OFF } from '../shared/call-words.ts'
import { keepName } from '../shared/keep-name.ts'
import { doneReply } from './targets.ts'

const instant = z.int().describe('Unix milliseconds')

const call = z
  .object({
    id: z.string(),
    direction: z.enum(['incoming', 'outgoing']),
    state: z
      .enum(['calling', 'ringing', 'connecting', 'active', 'ended'])
      .describe('An outgoing call begins with calling, an incoming one with ringing'),
    peer: z.string().describe('JID of the other side'),
    name: z.string().describe('What the account calls the other side; empty where it has no name for it'),
    reason: z
      .string()
      .describe(
        'Why it ended: hangup, remote_hangup, rejected, busy, timeout, missed, accepted_elsewhere, rejected_elsewhere, ' +
          'no_relay, no_media, refused:<code>, connection_lost, failed; empty before, and where nobody said',
      ),
    isOwn: z.boolean().describe('Whether this server takes part in it, or did within the last ten minutes'),
    startedAt: instant,
    answeredAt: instant.optional().describe('When it was taken, as far as that is known'),
    endedAt: instant.optional(),
    seconds: z.number().optional().describe('Since it was taken, until its end, as far as that is known'),
    sound: z
      .object({
        codec: z.string().describe('opus; mlow where the other side can hear and cannot be heard'),
        isMuted: z.boolean(),
        playing: z
          .object({ file: z.string(), state: z.string(), seconds: z.number(), totalSeconds: z.number() })
          .optional(),
        recording: z.object({ path: z.string(), seconds: z.number() }).optional(),
        hasBrowser: z.boolean(),
        hasLine: z.boolean().describe('Whether a program talks by WebSocket'),
        sent: z.int().describe('Packets, as the next two'),
        received: z.int(),
        lost: z.int(),
        undecodable: z.int().describe('Of those received: what no codec here understands, MLow above all'),
        relays: z
          .object({ connected: z.int(), known: z.int() })
          .describe('How many of the relays of the call carry it'),
      })
      .optional()
      .describe('Of such calls, while there is sound'),
  })
  .meta({ title: 'Call' })

function view({ own, ...rest }: NamedCall): z.infer<typeof call> {
  return { ...rest, ...own, isOwn: own !== undefined }
}

const one: Reply<NamedCall> = reply(call, view)
const named = z.object({ id: textUpTo(limits.messageId, z.string()).describe('Id of the call') })
const { person } = addressFields({
  missing: (name) => `missing ${name}`,
  invalid: (name) => `${name} is neither a number nor a JID`,
  wrongKind: (name, wanted) => `${name} is not a ${wanted}`,
  invalidEntry: (name) => `${name} holds what is neither a number nor a JID`,
})

/** An operation, and how the call is then. */
function described<Input>(
  operation: (scope: UserScope, input: Input) => Call | Promise<Call>,
): (scope: UserScope, input: Input) => Promise<NamedCall> {
  return keepName(operation, async (scope: UserScope, input: Input) =>
    nameCall(scope, describeCall(scope, await operation(scope, input))),
  )
}

const place = described(placeCall)
const answer = described(answerCall)
const hangUp = described(hangUpCall)
const mute = described(muteCall)

/** A softphone asks it first. */
function readCallConfig(scope: UserScope): { isOn: boolean; iceServers: IceServer[] } {
  return { isOn: scope.services.config.calls === 'on', iceServers: iceServersOf(scope) }
}

/** What works also where voice is off. */
const stored = { description: CALLS_NOTE_IF_OFF, needs: 'stored' } as const
const ofSession = { description: CALLS_NOTE, needs: 'stored', before: requireSession } as const

/** Voice calls of a user, for a softphone in a browser and for scripts. */
export const callEndpoints: Endpoint[] = [
  get('/calls/config', {
    summary: 'Whether voice calls are on, and how a browser connects to them',
    ...stored,
    run: readCallConfig,
    reply: reply(
      z.object({
        isOn: z.boolean(),
        iceServers: z
          .array(z.object({ urls: z.array(z.string()) }))
          .describe('As `new RTCPeerConnection({ iceServers })` takes them'),
      }),
      (config: ReturnType<typeof readCallConfig>) => config,
    ),
  }),

  get('/calls', {
    summary: 'The calls of the last days, newest first, also those of other devices as far as they are known',
    ...stored,
    query: z.object({
      only: z
        .enum(['live'], 'only must be live')
        .optional()
        .describe('`live`: those that go on and that this server takes part in; it is cheap to ask often'),
    }),
    run: listNamedCalls,
    input: ({ query }) => ({ isLive: query.only === 'live' }),
    reply: reply(z.object({ calls: z.array(call) }), (calls: NamedCall[]) => ({ calls: calls.map(view) })),
  }),
  post('/calls', {
    summary: 'Call somebody',
    ...ofSession,
    body: z.object({ to: person('to').describe('A number, or the JID of a person') }),
    run: place,
    repeatable: 'change',
    input: ({ body }) => body.to,
    reply: one,
  }),
  get('/calls/{id}', {
    summary: 'One call',
    ...stored,
    params: named,
    run: showNamedCall,
    input: ({ params }) => params.id,
    reply: one,
  }),
  post('/calls/{id}/answer', {
    summary: 'Take a call that rings',
    ...ofSession,
    params: named,
    run: answer,
    input: ({ params }) => params.id,
    reply: one,
  }),
  post('/calls/{id}/reject', {
    summary: 'Reject a call that rings',
    ...ofSession,
    description: CALLS_NOTE_IF_OFF,
    params: named,
    run: rejectTracked,
    input: ({ params }) => params.id,
    reply: doneReply,
  }),
  post('/calls/{id}/hangup', {
    summary: 'End a call, or give it up while it rings; one that has ended stays as it is',
    ...ofSession,
    params: named,
    run: hangUp,
    input: ({ params }) => params.id,
    reply: one,
  }),
  post('/calls/{id}/mute', {
    summary: 'Let the other side hear silence, or what is said again',
    ...ofSession,
    params: named,
    body: z.object({ muted: z.boolean('missing muted') }),
    run: mute,
    input: ({ params, body }) => ({ id: params.id, isMuted: body.muted }),
    reply: one,
  }),
  post('/calls/{id}/browser', {
    summary: 'Let a browser talk in a call, in place of one that does: its offer for an answer',
    ...ofSession,
    params: named,
    body: z.object({
      sdp: requiredText('missing sdp', limits.text).describe(
        "The browser's offer (RTCSessionDescription.sdp) when it has gathered all candidates: one audio line with Opus",
      ),
    }),
    run: letBrowserIn,
    input: ({ params, body }) => ({ id: params.id, sdp: body.sdp }),
    reply: reply(z.object({ sdp: z.string().describe('The answer') }), ({ sdp }: { sdp: string }) => ({
      sdp,
    })),
  }),
  del('/calls/{id}/browser', {
    summary: 'Take the browser out of a call, which goes on',
    ...ofSession,
    params: named,
    run: letBrowserGo,
    input: ({ params }) => params.id,
    reply: doneReply,
  }),
  get('/calls/{id}/diary', {
    summary: 'What happened in a call, without secrets, for reports from the real network',
    ...ofSession,
    params: named,
    run: readCallDiary,
    input: ({ params }) => params.id,
    reply: reply(
      z.object({
        call: z.object({}).loose().describe('The call as the session sees it'),
        entries: z.array(
          z.object({
            at: z.number().describe('Milliseconds since the call began'),
            what: z.string(),
            details: z.record(z.string(), z.unknown()).optional(),
          }),
        ),
      }),
      (diary: CallDiary) => diary,
    ),
  }),
]
