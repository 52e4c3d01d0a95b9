import { ApiError } from '../../../lib/errors.ts'
import { isGroupJid } from '../../../lib/jid.ts'
import { refusalCode } from '../../../operations/ask.ts'
import { requireChat, requirePerson } from '../../../operations/chats/known-chats.ts'
import { withLeadIn } from '../../../operations/chats/lead-in.ts'
import type { UserScope } from '../../../operations/services.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { keepName } from '../../shared/keep-name.ts'
import { groupProblem } from './chat-address.ts'
import { between } from './pace.ts'

/** What a request says about how its message is led up to; the server's settings count where it says nothing. */
export interface Manner {
  typing?: boolean
  presence?: boolean
  /** Show a recording instead of typing. */
  recording?: boolean
}

/** An operation that sends something to somebody, as an endpoint runs it. */
type Sending<Input, Result> = (scope: UserScope, input: Input & { manner?: Manner }) => Promise<Result>

/** A send: the recipient must exist, and what is shown before it is the request's and the settings' choice. */
export function sending<Input extends { to: string }, Result>(
  operation: (session: LiveSession, input: Input) => Promise<Result>,
): Sending<Input, Result> {
  return keepName(operation, async (scope, { manner, ...rest }) => {
    // The same but for the member that only this function knows.
    const input = rest as unknown as Input
    const session = scope.services.sessions.live(scope.user.id)
    await requirePerson(session, input.to)
    return leadIn(scope, { chat: input.to, manner }, () => operation(session, input))
  })
}

/** The same for operations on something in a chat. */
export function inChat<Input extends { chat: string }, Result>(
  operation: (scope: UserScope, input: Input) => Promise<Result>,
): Sending<Input, Result> {
  return keepName(operation, async (scope, { manner, ...rest }) => {
    const input = rest as unknown as Input
    await requirePerson(scope.services.sessions.live(scope.user.id), input.chat)
    return leadIn(scope, { chat: input.chat, manner }, () => operation(scope, input))
  })
}

/** A change of a chat on the account's own devices: none is written for a chat that does not exist. */
export function changing<Input extends { chat: string }, Result>(
  operation: (session: LiveSession, input: Input) => Promise<Result>,
): (scope: UserScope, input: Input) => Promise<Result> {
  return keepName(operation, async ({ user, services }, input) => {
    const session = services.sessions.live(user.id)
    await requireExisting(session, input.chat)
    return operation(session, input)
  })
}

/** Makes sure that a chat exists. Throws `not_found`. */
export async function requireExisting(session: LiveSession, chat: string): Promise<void> {
  await requireChat(session, chat).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'not_on_whatsapp') throw error
    throw new ApiError('not_found', { text: 'WhatsApp Personal ID is Not Registered' }, { cause: error })
  })
}

async function leadIn<Result>(
  scope: UserScope,
  { chat, manner }: { chat: string; manner: Manner | undefined },
  send: () => Promise<Result>,
): Promise<Result> {
  const { config, sessions } = scope.services
  try {
    if (!manner) return await send()
    const session = sessions.live(scope.user.id)
    const typing = manner.typing ?? config.typingBeforeSending
    const lead = {
      chat,
      online: manner.presence ?? config.onlineWhileSending,
      typingMs: typing ? between(config.typingMinMs, config.typingMaxMs) : 0,
      media: manner.recording ? ('audio' as const) : ('' as const),
    }
    return await withLeadIn(session, lead, send)
  } catch (error) {
    const refusal = isGroupJid(chat) ? refusalCode(error) : undefined
    if (refusal === 403 || refusal === 404) throw groupProblem(refusal, error)
    throw error
  }
}
