import type { User } from '../../store/users/users.ts'
import type { UserScope } from '../services.ts'

/** What a user may know of itself whatever the key, and what is switched on for it. */
export interface Self extends Pick<User, 'id' | 'name' | 'jid'> {
  features: string[]
}

/** Who the caller is; no settings, and no secrets. */
export function describeSelf({ user, services }: UserScope): Self {
  const { id, name, jid } = user
  const isOn = { calls: services.config.calls === 'on', history: user.history > 0, s3: user.s3.enabled }
  const features = Object.entries(isOn).flatMap(([feature, on]) => (on ? [feature] : []))
  return { id, name, jid, features }
}
