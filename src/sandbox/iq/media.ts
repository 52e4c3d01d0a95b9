import { node } from '../node.ts'
import type { QueryFamily } from './query.ts'

/** `w:m`: where to upload. The name is the real one; `clientOptions` sends it to the sandbox's media host. */
export const media: Record<string, QueryFamily> = {
  'w:m': () => [
    node('media_conn', { auth: 'sandbox', ttl: 3_600, auth_ttl: 21_600, max_buckets: 12 }, [
      node('host', { hostname: 'mmg.whatsapp.net' }),
    ]),
  ],
}
