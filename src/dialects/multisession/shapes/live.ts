import type { UserScope } from '../../../operations/services.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { keepName } from '../../shared/keep-name.ts'

/**
 * An operation on a session, as an endpoint of this dialect runs it: what was sent is looked at first, and only then
 * whether there is a session.
 */
export function live<Input, Result>(
  operation: (session: LiveSession, input: Input) => Result | Promise<Result>,
): (scope: UserScope, input: Input) => Promise<Result> {
  return keepName(operation, async ({ user, services }: UserScope, input: Input) =>
    operation(services.sessions.live(user.id), input),
  )
}
