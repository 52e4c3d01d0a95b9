import { newId, newToken } from '../../src/lib/ids.ts'
import type { User } from '../../src/store/users/users.ts'

/** A user as the admin endpoint creates one, with a random id and token. */
export function sampleUser(overrides: Partial<User> = {}): User {
  return {
    id: newId(),
    name: 'sample',
    token: newToken(),
    webhook: '',
    events: 'All',
    jid: '',
    wanted: false,
    expiration: 0,
    history: 0,
    daysToSyncHistory: 0,
    proxyUrl: '',
    webhookUseProxy: true,
    s3: {
      enabled: false,
      endpoint: '',
      region: '',
      bucket: '',
      accessKey: '',
      secretKey: '',
      pathStyle: false,
      publicUrl: '',
      retentionDays: 0,
    },
    mediaDelivery: '',
    hmacKey: '',
    profile: '',
    ...overrides,
  }
}
