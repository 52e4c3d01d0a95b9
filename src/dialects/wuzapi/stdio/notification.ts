import type { Rendered } from '../../../delivery/renderer.ts'
import type { User } from '../../../store/users/users.ts'
import { goStringify } from '../../shared/go/stringify.ts'

/**
 * An event as a line: the method is its type, the parameters are what the webhook would carry. The original leaves out
 * whose event it is, which its own webhooks say: with two users nobody could tell.
 */
export function notification({ name, payload }: Rendered, { id, name: instance }: User): string {
  const params = { ...payload, instanceName: instance, userID: id }
  return goStringify({ jsonrpc: '2.0', method: name, params })
}
