import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { docsEndpoint, serveNothing } from '../../shared/pages.ts'

export const openEndpoints: Endpoint[] = [
  get('/server/ok', {
    summary: 'Tell that the server answers',
    needs: 'none',
    run: serveNothing,
    reply: reply(z.object({ details: z.string() }), () => ({ details: 'ok' })),
  }),

  docsEndpoint,
]

export const serverEndpoints: Endpoint[] = [
  post('/server/license', {
    summary: 'Tell of the licence: this server is free and has no limits of one',
    needs: 'none',
    run: serveNothing,
    reply: reply(
      z.object({ license: z.object({ valid: z.boolean(), type: z.string(), limits: z.null() }) }),
      () => ({ license: { valid: true, type: 'MIT', limits: null } }),
    ),
  }),

  get('/server/update', {
    summary: 'Tell how this server is updated: by its operator, never by itself',
    needs: 'none',
    run: serveNothing,
    reply: reply(z.object({ details: z.string() }), () => ({
      details: 'this server does not update itself: its operator installs another version',
    })),
  }),
]
