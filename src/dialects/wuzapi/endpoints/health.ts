import { z } from 'zod'
import { type Endpoint, get, reply } from '../../../http/endpoint/endpoint.ts'
import { goDuration } from '../../../lib/text/go-duration.ts'
import { type Health, health } from '../../../operations/admin/health.ts'

const shape = z.object({
  status: z.literal('ok'),
  timestamp: z.string(),
  uptime: z.string(),
  active_connections: z.int(),
  total_users: z.int(),
  connected_users: z.int(),
  logged_in_users: z.int(),
  memory_stats: z.object({
    alloc_mb: z.int(),
    num_gc: z.int(),
    sys_mb: z.int(),
    total_alloc_mb: z.int(),
  }),
  goroutines: z.int(),
  version: z.string(),
})

/** The one answer whose members keep this order instead of being sorted. */
function healthBody(state: Health): z.infer<typeof shape> {
  const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
  return {
    status: 'ok',
    timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
    uptime: goDuration(state.uptimeMs),
    active_connections: state.sessions,
    total_users: state.users,
    connected_users: state.connected,
    logged_in_users: state.loggedIn,
    memory_stats: {
      alloc_mb: megabytes(state.memory.heapUsed),
      // Node counts no collections unless it is observed, which costs more than the number is worth.
      num_gc: 0,
      sys_mb: megabytes(state.memory.rss),
      total_alloc_mb: megabytes(state.memory.heapTotal + state.memory.external),
    },
    goroutines: state.activeResources,
    version: state.version,
  }
}

export const healthEndpoints: Endpoint[] = [
  get('/health', {
    summary: 'State of the server in numbers',
    needs: 'none',
    run: health,
    reply: reply(shape, (state: Health) => `${JSON.stringify(healthBody(state))}\n`, { bare: true }),
  }),
]
