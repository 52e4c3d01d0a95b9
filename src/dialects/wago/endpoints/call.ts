import { z } from 'zod'
import { type Endpoint, get, post, type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import {
  type IceServer,
  letBrowserGo,
  letBrowserIn,
  readIceServers,
} from '../../../operations/calls/call-browser.ts'
import { describeCall, type ListedCall, listCalls, showCall } from '../../../operations/calls/call-list.ts'
import {
  pausePlaying,
  placeCallWithFile,
  playIntoCall,
  type Recording,
  recordCall,
  resumePlaying,
  stopPlaying,
  stopRecording,
} from '../../../operations/calls/call-sound.ts'
import { answerCall, hangUpCall, requireSession } from '../../../operations/calls/own-calls.ts'
import { rejectTracked } from '../../../operations/calls/tracked-calls.ts'
import type { UserScope } from '../../../operations/services.ts'
import type { Call } from '../../../whatsapp/calls/calls.ts'
import { CALLS_NOTE, CALLS_NOTE_IF_OFF } from '../../shared/call-words.ts'
import { keepName } from '../../shared/keep-name.ts'
import { callFields, callShape } from '../shapes/call-shape.ts'
import { person, required } from '../shapes/fields.ts'

const callId = required('CallID', limits.messageId).describe('Id of the call, as its event has it')
const bridgedId = required('callID', limits.messageId).describe('Id of the call, as its event has it')
const audioFile = 'A file below the folder of calls (CALL_FILES_DIR), or an http(s) address'

/** What is said of TURN, whatever the server can do: programs look for it. */
const turn = { enabled: false, status: 'coming_soon' }
const turnShape = z.object({ enabled: z.boolean(), status: z.string() })

/** Calls answer without an envelope. */
function bare<Result>(
  shape: z.ZodRawShape,
  sentence: string,
  render: (result: Result) => object = () => ({}),
): Reply<Result> {
  return reply(
    z.object({ details: z.string(), ...shape }),
    (result: Result) => ({ details: sentence, ...render(result) }),
    { bare: true },
  )
}

function details(sentence: string): Reply<unknown> {
  return bare({}, sentence)
}

function withCall(sentence: string): Reply<ListedCall> {
  return bare({ call: callShape }, sentence, (call: ListedCall) => ({ call: callFields(call) }))
}

type Operation<Input, Result> = (scope: UserScope, input: Input) => Result | Promise<Result>

/** The document knows no other status for what goes wrong with a file or a number than 500. */
function plain<Input, Result>(
  operation: Operation<Input, Result>,
): (scope: UserScope, input: Input) => Promise<Result> {
  return keepName(operation, async (scope: UserScope, input: Input) => {
    try {
      return await operation(scope, input)
    } catch (cause) {
      const isFile =
        cause instanceof ApiError &&
        (cause.code === 'media_unavailable' ||
          cause.code === 'media_too_large' ||
          isFfmpegMissing(scope, cause))
      if (!isFile) throw cause
      throw new ApiError(cause.code, { ...cause.details, status: 500, text: cause.message }, { cause })
    }
  })
}

/** The only thing that is not supported where calls are on. */
function isFfmpegMissing({ services }: UserScope, { code }: ApiError): boolean {
  return code === 'unsupported' && services.config.calls === 'on'
}

/** The same, and how the call is then. */
function described<Input>(
  operation: Operation<Input, Call>,
): (scope: UserScope, input: Input) => Promise<ListedCall> {
  const run = plain(operation)
  return keepName(operation, async (scope: UserScope, input: Input) =>
    describeCall(scope, await run(scope, input)),
  )
}

const place = described(placeCallWithFile)
const answer = described(answerCall)
const play = described(playIntoCall)
const record = plain(recordCall)

/** Begins to record, and tells how the call is then. */
async function recordDescribed(
  scope: UserScope,
  input: { id: string; name: string },
): Promise<{ call: ListedCall; name: string }> {
  const { call, name } = await record(scope, input)
  return { call: describeCall(scope, call), name }
}

/** A session must be there before the body is looked at. */
const ofSession = {
  description: CALLS_NOTE,
  needs: 'stored',
  before: requireSession,
} as const

/** One call, or all of them where none is named. */
function callsOf(scope: UserScope, id: string): Promise<ListedCall | ListedCall[]> {
  return id === '' ? listCalls(scope) : showCall(scope, id)
}

/** An endpoint that needs to know the call and nothing else. */
function onCall<Result>(
  path: string,
  summary: string,
  spec: { description?: string; run: Operation<string, Result>; reply: Reply<NoInfer<Awaited<Result>>> },
): Endpoint {
  return post(path, {
    summary,
    ...ofSession,
    body: z.object({ CallID: callId }),
    input: ({ body }) => body.CallID,
    ...spec,
  })
}

export const callEndpoints: Endpoint[] = [
  post('/call/make', {
    summary: 'Call somebody, and play a file when the call is taken',
    ...ofSession,
    body: z.object({
      CallTo: person('CallTo').describe('A number, or the JID of a person'),
      AudioFile: text(limits.url).describe(audioFile),
    }),
    run: place,
    repeatable: 'change',
    input: ({ body }) => ({ to: body.CallTo, file: body.AudioFile }),
    reply: withCall('call started'),
  }),
  onCall('/call/answer', 'Take a call that rings', {
    run: answer,
    reply: withCall('call answered'),
  }),
  onCall('/call/reject', 'Reject a call that rings', {
    description: CALLS_NOTE_IF_OFF,
    run: rejectTracked,
    reply: details('call rejected'),
  }),
  onCall('/call/hangup', 'End a call, or give it up while it rings', {
    run: hangUpCall,
    reply: details('call ended'),
  }),
  post('/call/play', {
    summary: 'Play a file into a call, in place of what plays; it waits until the call is taken',
    ...ofSession,
    body: z.object({ CallID: callId, AudioFile: required('AudioFile', limits.url).describe(audioFile) }),
    run: play,
    input: ({ body }) => ({ id: body.CallID, file: body.AudioFile }),
    reply: withCall('playing'),
  }),
  onCall('/call/play/pause', 'Pause what plays', { run: pausePlaying, reply: details('paused') }),
  onCall('/call/play/resume', 'Go on playing', { run: resumePlaying, reply: details('resumed') }),
  onCall('/call/play/stop', 'Stop playing', { run: stopPlaying, reply: details('stopped') }),
  post('/call/record', {
    summary: 'Record both sides of a call',
    ...ofSession,
    body: z.object({
      CallID: callId,
      Path: text(limits.url).describe(
        'A new WAV file below the folder of calls (CALL_FILES_DIR); `<CallID>.wav` when empty',
      ),
    }),
    run: recordDescribed,
    input: ({ body }) => ({ id: body.CallID, name: body.Path }),
    reply: bare(
      { call: callShape, path: z.string() },
      'recording',
      ({ call, name }: { call: ListedCall; name: string }) => ({ call: callFields(call), path: name }),
    ),
  }),
  onCall('/call/record/stop', 'Stop recording', {
    run: stopRecording,
    reply: bare({ path: z.string(), seconds: z.number() }, 'recording stopped', (recording: Recording) => ({
      path: recording.name,
      seconds: recording.seconds,
    })),
  }),

  get('/call/status', {
    summary: 'List the calls of the last days, or show one of them',
    description: CALLS_NOTE_IF_OFF,
    needs: 'stored',
    query: z.object({ callID: text(limits.messageId).describe('The call to show; all when empty') }),
    run: callsOf,
    input: ({ query }) => query.callID,
    reply: reply(
      z.union([z.object({ calls: z.array(callShape) }), z.object({ call: callShape })]),
      (found: ListedCall | ListedCall[]) =>
        Array.isArray(found) ? { calls: found.map(callFields) } : { call: callFields(found) },
      { bare: true },
    ),
  }),

  get('/call/webrtc/config', {
    summary: 'Tell how a browser connects to a call',
    ...ofSession,
    run: readIceServers,
    reply: reply(
      z.object({ iceServers: z.array(z.object({ urls: z.array(z.string()) })), turn: turnShape }),
      (iceServers: IceServer[]) => ({ iceServers, turn }),
      { bare: true },
    ),
  }),
  post('/call/webrtc/offer', {
    summary: 'Let a browser talk in a call',
    ...ofSession,
    body: z.object({
      callID: bridgedId,
      sdp: required('sdp', limits.text).describe("The browser's offer, with all its candidates"),
      type: text(limits.name)
        .refine((type) => type === '' || type === 'offer', 'type must be offer')
        .describe('offer'),
    }),
    run: letBrowserIn,
    input: ({ body }) => ({ id: body.callID, sdp: body.sdp }),
    reply: reply(
      z.object({ callID: z.string(), type: z.string(), sdp: z.string(), turn: turnShape }),
      ({ id, sdp }: { id: string; sdp: string }) => ({ callID: id, type: 'answer', sdp, turn }),
      { bare: true },
    ),
  }),
  post('/call/webrtc/close', {
    summary: 'Take the browser out of a call, which goes on',
    ...ofSession,
    body: z.object({ callID: bridgedId }),
    run: letBrowserGo,
    input: ({ body }) => body.callID,
    reply: details('closed'),
  }),
]
