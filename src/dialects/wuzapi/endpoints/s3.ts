import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bucketOf, testBucket } from '../../../operations/sessions/s3.ts'
import type { User } from '../../../store/users/users.ts'

export const s3Endpoints: Endpoint[] = [
  post('/session/s3/test', {
    summary: 'Try to list the bucket',
    needs: 'stored',
    before: (scope) => {
      bucketOf(scope)
    },
    run: testBucket,
    reply: reply(
      z.object({ Bucket: z.string(), Details: z.string(), Region: z.string() }),
      ({ bucket, region }: User['s3']) => ({
        Bucket: bucket,
        Details: 'S3 connection test successful',
        Region: region,
      }),
    ),
    failure: 'S3 connection test failed: %s',
  }),
]
