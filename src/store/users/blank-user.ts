import type { User } from './users.ts'

/** The settings of a user who never configured a bucket. */
export const noS3: User['s3'] = {
  enabled: false,
  endpoint: '',
  region: '',
  bucket: '',
  accessKey: '',
  secretKey: '',
  pathStyle: true,
  publicUrl: '',
  retentionDays: 30,
}

/** What a user begins with, but for its id. */
export function blankUser(): Omit<User, 'id'> {
  return {
    name: '',
    token: '',
    jid: '',
    wanted: false,
    expiration: 0,
    history: 0,
    daysToSyncHistory: 0,
    proxyUrl: '',
    webhookUseProxy: true,
    s3: noS3,
    mediaDelivery: 'base64',
    profile: '',
    deviceName: '',
    customerId: null,
    deviceSecretHash: '',
    tokenVersion: 0,
    lastJid: '',
    lastActiveAt: null,
    createdAt: Date.now(),
  }
}
