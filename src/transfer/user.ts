import { bare } from '../lib/jid.ts'
import { blankUser } from '../store/users/blank-user.ts'
import type { User } from '../store/users/users.ts'

/** What every source knows of a user; the rest begins as for a new one. */
type Known = Pick<User, 'id' | 'name' | 'token' | 'wanted'> & Partial<User> & { device: string }

/** A user of another server as it is to be stored; `device` is its JID with device part, '' where no phone is linked. */
export function sourceUser({ device, ...known }: Known): User {
  const user = {
    ...blankUser(),
    jid: bare(device),
    lastJid: device,
    ...known,
  }
  const { expiration, history, daysToSyncHistory, s3 } = user
  return {
    ...user,
    expiration: counted(expiration, Number.MAX_SAFE_INTEGER),
    history: counted(history),
    daysToSyncHistory: counted(daysToSyncHistory),
    s3: { ...s3, retentionDays: counted(s3.retentionDays) },
  }
}

/** What is no number that a column takes counts as nothing: databases of others hold what they like. */
function counted(value: number, most = 2 ** 31 - 1): number {
  return Number.isSafeInteger(value) && value >= 0 && value <= most ? value : 0
}
