import { z } from 'zod'
import { type Endpoint, get } from '../../../http/endpoint/endpoint.ts'
import { type StatusAudience, statusAudience } from '../../../operations/messages/status-audience.ts'
import { result } from '../shapes/replies.ts'

const audience = z.object({
  type: z.string().describe('contacts, blacklist (all but those listed) or whitelist (only those listed)'),
  list: z.array(z.string()),
  isDefault: z.boolean().describe('The choice in force'),
})

export const statusEndpoints: Endpoint[] = [
  get('/status/privacy/{id}', {
    summary: 'Tell who sees the statuses of the account',
    run: statusAudience,
    reply: result(z.array(audience), (audiences: StatusAudience[]) => audiences),
  }),
]
