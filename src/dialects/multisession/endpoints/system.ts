import { type Endpoint, get } from '../../../http/endpoint/endpoint.ts'
import { done } from '../envelope.ts'

/** Nothing is asked of the server: that it answers is the answer. */
function serveNothing(): void {}

export const systemEndpoints: Endpoint[] = [
  get('/', {
    summary: 'Liveness probe',
    needs: 'none',
    run: serveNothing,
    reply: done('Working great!'),
  }),
]
