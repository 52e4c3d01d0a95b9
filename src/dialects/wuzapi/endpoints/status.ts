import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { limits } from '../../../lib/limits.ts'
import { setAbout } from '../../../operations/account/profile.ts'
import { required } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

export const statusEndpoints: Endpoint[] = [
  post('/status/set/text', {
    summary: 'Set the "about" text of the account',
    body: z.object({ Body: required('Body', limits.about) }),
    run: setAbout,
    input: ({ body }) => body.Body,
    reply: done('Set'),
    failure: 'error sending status message: %s',
  }),
]
