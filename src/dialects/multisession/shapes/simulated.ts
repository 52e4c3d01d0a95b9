import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { sendLikeAPerson, timeBetween } from '../../../operations/messages/like-a-person.ts'
import type { UserScope } from '../../../operations/services.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'

/** What a request may say of how its message is sent; what it leaves out is as the settings say. */
export interface Simulation {
  typingSimulation?: boolean
  presenceSimulation?: boolean
}

/** The fields of a JSON body that say it. */
export const simulationFields = {
  typing_simulation: z.boolean().optional(),
  presence_simulation: z.boolean().optional(),
}

/** A field of a form, as Go reads a truth; anything else leaves it to the settings. */
const formFlag = z
  .unknown()
  .transform((given) => {
    const word = String(given ?? '').toLowerCase()
    if (['1', 't', 'true'].includes(word)) return true
    return ['0', 'f', 'false'].includes(word) ? false : undefined
  })
  .optional()

/** The same of a form with a file. */
export const simulationFormFields = { typing_simulation: formFlag, presence_simulation: formFlag }

/** What those fields say, for the input of a `simulated` operation. */
export function simulationOf(body: {
  typing_simulation?: boolean
  presence_simulation?: boolean
}): Simulation {
  return { typingSimulation: body.typing_simulation, presenceSimulation: body.presence_simulation }
}

/**
 * An operation that sends a message, as an endpoint of this dialect runs it: like `live`, and as a person would, who comes
 * online and types for a while, as far as the request or the settings want that. It keeps the name of the operation.
 */
export function simulated<Input extends { to: string }, Result>(
  operation: (session: LiveSession, input: Input) => Result | Promise<Result>,
  { isRecording = () => false }: { isRecording?: (input: Input) => boolean } = {},
): (scope: UserScope, input: Input & Simulation) => Promise<Result> {
  const run = async ({ user, services }: UserScope, input: Input & Simulation): Promise<Result> => {
    const { typingSimulation, presenceSimulation, ...rest } = input
    // What is left of an input without those two is the operation's own.
    const own = rest as unknown as Input
    const { autoTyping, autoOnline, typingDelayMinMs, typingDelayMaxMs } = services.config
    const session = services.sessions.live(user.id)
    const typingMs = (typingSimulation ?? autoTyping) ? timeBetween(typingDelayMinMs, typingDelayMaxMs) : 0
    const isOnline = presenceSimulation ?? autoOnline
    const send = async () => operation(session, own)
    if (typingMs === 0 && !isOnline) return send()
    return sendLikeAPerson(session, { to: own.to, typingMs, isRecording: isRecording(own), isOnline }, send)
  }
  return Object.defineProperty(run, 'name', { value: operation.name })
}

/** An operation that sends read receipts, as an endpoint of this dialect runs it: like `live`, after a moment. */
export function unhurried<Input, Result>(
  operation: (session: LiveSession, input: Input) => Result | Promise<Result>,
): (scope: UserScope, input: Input) => Promise<Result> {
  const run = async ({ user, services }: UserScope, input: Input): Promise<Result> => {
    const { readReceiptJitter, readReceiptDelayMinMs, readReceiptDelayMaxMs } = services.config
    const session = services.sessions.live(user.id)
    if (readReceiptJitter) {
      await session.ready()
      await delay(timeBetween(readReceiptDelayMinMs, readReceiptDelayMaxMs))
    }
    return operation(session, input)
  }
  return Object.defineProperty(run, 'name', { value: operation.name })
}
