import { z } from 'zod'
import { type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { integer, text, textUpTo } from '../../../../http/endpoint/fields.ts'
import { ApiError, type ErrorCode } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import {
  type AppStateQuery,
  type CleanedBits,
  fetchAppStateOf,
  markClean,
} from '../../../../operations/account/app-state.ts'
import { muteChat, pinChat } from '../../../../operations/chats/chats.ts'
import type { UserScope } from '../../../../operations/services.ts'
import type { LiveSession } from '../../../../whatsapp/session/session.ts'
import { keepName } from '../../../shared/keep-name.ts'
import { answer, fail } from '../../envelope.ts'
import { chatOf, jidOf } from '../../shapes/chat-address.ts'
import { requireExisting } from '../../shapes/in-chat.ts'

const undecodable = 'Failed to parse request body'

/** What the dialect says in its own words whatever is sent along; here a prefix stands before it. */
const STATE_ERRORS: ErrorCode[] = ['no_session', 'not_connected', 'not_logged_in']

/** An operation on a session whose failures, also those of the session's state, begin with what failed. */
function prefixed<Input, Result>(
  prefix: string,
  operation: (session: LiveSession, input: Input) => Promise<Result>,
): (scope: UserScope, input: Input) => Promise<Result> {
  const run = ({ user, services }: UserScope, input: Input) =>
    withPrefix(prefix, async () => operation(services.sessions.live(user.id), input))
  return keepName(operation, run)
}

async function withPrefix<Result>(prefix: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 'internal') throw error
    const { error: sentence } = fail(error).body as { error: string }
    const isFixed = STATE_ERRORS.includes(error.code) || error.code === 'not_on_whatsapp'
    const code = isFixed ? 'upstream_refused' : error.code
    throw new ApiError(code, { ...error.details, text: `${prefix}: ${sentence}` }, { cause: error })
  }
}

interface FetchedState {
  query: AppStateQuery
}

async function fetchState(session: LiveSession, query: AppStateQuery): Promise<FetchedState> {
  await fetchAppStateOf(session, query)
  return { query }
}

/** Go's `strconv.ParseBool`, whatever else it is being a no. */
const queryFlag = textUpTo(limits.name, z.string())
  .optional()
  .transform((word) => ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(word ?? ''))

/** A change of a chat, in the caller's words. */
interface StatePatch {
  name: string
  action: 'mute' | 'pin'
  chat: string
  /** Whether it is to be muted or pinned. */
  isOn: boolean
  /** How long it is muted, in seconds; 0 is for ever. */
  duration: number
}

async function sendState({ user, services }: UserScope, patch: StatePatch): Promise<StatePatch> {
  const { action, isOn, duration } = patch
  const chat = await withPrefix('Invalid chat JID', async () => {
    const session = services.sessions.live(user.id)
    const jid = jidOf(chatOf(patch.chat))
    await requireExisting(session, jid)
    return jid
  })
  const session = services.sessions.live(user.id)
  await withPrefix('Failed to send app state', async () => {
    if (action === 'pin') return pinChat(session, { chat, pinned: isOn })
    const durationSeconds = isOn ? duration || Number.POSITIVE_INFINITY : 0
    await muteChat(session, { chat, durationSeconds })
  })
  return patch
}

const ACTIONS = { mute: 'muted', pin: 'pinned' } as const

function isAction(action: string): action is keyof typeof ACTIONS {
  return Object.hasOwn(ACTIONS, action)
}

const patchBody = z.object({
  name: text(limits.name),
  action: text(limits.name),
  data: z
    .record(textUpTo(limits.name, z.string()), z.unknown())
    .default({})
    .describe('mute: chat_jid, muted, duration in seconds; pin: chat_jid, pinned'),
})

function patchOf({ name, action, data }: z.infer<typeof patchBody>): StatePatch {
  if (name === '') throw missing('app state name is required')
  if (action === '') throw missing('action is required')
  if (!isAction(action)) throw new ApiError('invalid_field', { text: `unsupported action: ${action}` })
  const { chat_jid: chat, duration } = data
  if (typeof chat !== 'string' || chat.trim() === '')
    throw missing(`chat_jid is required for ${action} action`)
  if (chat.length > limits.address.max) throw new ApiError('invalid_field', { text: 'chat_jid is too long' })
  const seconds = typeof duration === 'number' && Number.isFinite(duration) ? Math.max(0, duration) : 0
  return { name, action, chat: chat.trim(), isOn: data[ACTIONS[action]] === true, duration: seconds }
}

function missing(sentence: string): ApiError {
  return new ApiError('missing_field', { text: sentence })
}

const fetchIt = prefixed('Failed to fetch app state', fetchState)
const cleanIt = prefixed('Failed to mark app state as clean', markClean)

export const appStateEndpoints: Endpoint[] = [
  get('/app-state/{name}', {
    summary: 'Ask WhatsApp for what has changed in a collection of settings; it is told as events',
    needs: 'stored',
    params: z.object({ name: textUpTo(limits.name, z.string()) }),
    query: z.object({ full_sync: queryFlag, only_if_not_synced: queryFlag }),
    power: 'full',
    run: fetchIt,
    input: ({ params, query }) => ({
      collection: params.name,
      full: query.full_sync,
      onlyIfNew: query.only_if_not_synced,
    }),
    reply: answer(
      'Successfully fetched app state',
      z.object({ full_sync: z.boolean(), name: z.string(), only_if_not_synced: z.boolean() }),
      ({ query }: FetchedState) => ({
        full_sync: query.full,
        name: query.collection,
        only_if_not_synced: query.onlyIfNew,
      }),
    ),
  }),

  post('/app-state', {
    summary: 'Mute or pin a chat; the collection is the one that belongs to the action',
    needs: 'stored',
    undecodable,
    body: patchBody,
    run: sendState,
    input: ({ body }) => patchOf(body),
    reply: answer(
      'Successfully sent app state',
      z.object({ action: z.string(), name: z.string() }),
      ({ action, name }: StatePatch) => ({ action, name }),
    ),
  }),

  post('/app-state/mark-clean', {
    summary: 'Tell WhatsApp that a change which it announced is known',
    needs: 'stored',
    undecodable,
    body: z.object({
      clean_type: text(limits.name).describe('groups, account_sync, …'),
      timestamp: integer().describe('Unix seconds; now when absent'),
    }),
    run: cleanIt,
    input: ({ body }) => {
      if (body.clean_type === '') throw missing('clean_type is required')
      const now = Math.floor(Date.now() / 1000)
      return { type: body.clean_type, timestamp: body.timestamp > 0 ? body.timestamp : now }
    },
    reply: answer(
      'Successfully marked app state as clean',
      z.object({ clean_type: z.string(), timestamp: z.int() }),
      ({ type, timestamp }: CleanedBits) => ({ clean_type: type, timestamp }),
    ),
  }),
]
