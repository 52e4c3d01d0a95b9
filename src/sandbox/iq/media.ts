import { MEDIA_AUTH } from '../world/media-store.ts'
import { node } from '../world/node.ts'
import type { QueryFamily } from './query.ts'

/** `w:m`: where to upload. See `MediaStore.hostname`. */
export const media: Record<string, QueryFamily> = {
  'w:m': ({ network }) => [
    node('media_conn', { auth: MEDIA_AUTH, ttl: 3_600, auth_ttl: 21_600, max_buckets: 12 }, [
      node('host', { hostname: network.media.hostname }),
    ]),
  ],
}
