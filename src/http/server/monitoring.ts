import { type RequestHandler, Router } from 'express'
import type { Config } from '../../config/config.ts'
import { ApiError } from '../../lib/errors.ts'
import { equalSecrets } from '../../lib/secrets/timing-safe-equal.ts'
import { send } from '../endpoint/answer.ts'
import type { LoginThrottle } from '../guard/login-throttle.ts'

/** What monitors want to know of a server. */
export interface Monitored {
  /** The metrics in the text format of Prometheus. */
  metrics(): Promise<string>
  /** Why no requests should be sent here now; undefined when they should. */
  notReady(): Promise<string | undefined>
}

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * `/health/live` for whoever restarts a process that does not answer, `/health/ready` for load balancers, and `/metrics`
 * for whoever has the admin token or `METRICS_TOKEN`.
 */
export function monitoring(
  monitored: Monitored,
  { config, failures }: { config: Config; failures: LoginThrottle },
): Router {
  const router = Router({ strict: true, caseSensitive: true })

  router.get('/health/live', (request, response) => {
    send(request, response, json(200, { status: 'live' }))
  })

  router.get('/health/ready', async (request, response) => {
    const reason = await monitored.notReady()
    send(
      request,
      response,
      reason === undefined ? json(200, { status: 'ready' }) : json(503, { status: 'not ready', reason }),
    )
  })

  router.get('/metrics', requireToken(config, failures), async (request, response) => {
    send(request, response, { status: 200, contentType: PROMETHEUS, body: await monitored.metrics() })
  })
  return router
}

function requireToken(
  { adminToken = '', metricsToken = '' }: Config,
  failures: LoginThrottle,
): RequestHandler {
  const authenticate = async (header = '') => {
    const offered = header.replace(/^Bearer /i, '')
    if (equalSecrets(offered, adminToken) || equalSecrets(offered, metricsToken)) return
    throw new ApiError('unauthorized', {
      text: 'metrics need the admin token or METRICS_TOKEN in Authorization: Bearer',
    })
  }

  return async (request, response, next) => {
    try {
      await failures.guard(request, () => authenticate(request.header('authorization')))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.code === 'unauthorized') response.setHeader('WWW-Authenticate', 'Bearer')
      send(request, response, json(error.status, { error: error.message }))
      return
    }
    next()
  }
}

function json(status: number, body: object) {
  return { status, contentType: 'application/json', body: `${JSON.stringify(body)}\n` }
}
