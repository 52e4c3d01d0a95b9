import type { IncomingMessage, ServerResponse } from 'node:http'
import { type RequestHandler, Router } from 'express'
import { ApiError } from '../../lib/errors.ts'
import { version } from '../../lib/process/version.ts'
import { equalSecrets } from '../../lib/secrets/timing-safe-equal.ts'
import type { Services } from '../../operations/services.ts'
import type { LoginThrottle } from '../guard/login-throttle.ts'

/** Answers a request to the simulated network's control plane; false when the path is none of its own. */
export type Control = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/**
 * What a page must know before anybody logs in, at `/parley.json`, and the control plane of a simulated network that
 * runs inside this process, at `/sandbox/...` for whoever has the admin token.
 */
export function simulation(
  services: Services,
  {
    control,
    isNew = async () => false,
    failures,
  }: { control: Control | undefined; isNew?: (() => Promise<boolean>) | undefined; failures: LoginThrottle },
): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const network = services.config.whatsappNetwork === 'live' ? 'live' : 'sandbox'

  router.get('/parley.json', async (_request, response) => {
    const about = JSON.stringify({ network, version, isNew: await isNew() })
    response.setHeader('Content-Type', 'application/json')
    response.end(about)
  })
  if (control) router.use('/sandbox', controlled(services, control, failures))
  return router
}

function controlled(services: Services, control: Control, failures: LoginThrottle): RequestHandler {
  const authenticate = async (offered: string | undefined) => {
    if (equalSecrets(offered ?? '', services.config.adminToken ?? '')) return
    throw new ApiError('unauthorized', {
      text: 'the simulated network is controlled with the admin token in Authorization',
    })
  }

  return async (request, response, next) => {
    try {
      await failures.guard(request, () => authenticate(request.header('authorization')))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      response.status(error.status).json({ error: error.message })
      return
    }
    // The control plane knows its paths from the root, also when it listens on a port of its own.
    request.url = request.originalUrl
    if (!(await control(request, response))) next()
  }
}
