import { existingUser } from '../../operations/admin/admin.ts'
import type { Services, UserScope } from '../../operations/services.ts'
import { keepName } from '../shared/keep-name.ts'

/** What an administrator does for a user: the operation of the user itself, on whom the path names. Throws `not_found`. */
export function forUser<Input, Result>(
  operation: (scope: UserScope, input: Input) => Promise<Result>,
): (services: Services, given: { userId: string; input: Input }) => Promise<Result> {
  return keepName(
    operation,
    async (services: Services, { userId, input }: { userId: string; input: Input }) =>
      operation({ user: await existingUser(services, userId), services }, input),
  )
}
