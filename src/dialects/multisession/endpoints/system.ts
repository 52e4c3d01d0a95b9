import { type Endpoint, get } from '../../../http/endpoint/endpoint.ts'
import { serveNothing } from '../../shared/pages.ts'
import { done } from '../envelope.ts'

export const systemEndpoints: Endpoint[] = [
  get('/', {
    summary: 'Liveness probe',
    needs: 'none',
    run: serveNothing,
    reply: done('Working great!'),
  }),
]
