import type { Request, RequestHandler, Response } from 'express'
import { idFromNode } from '../../cluster/internal.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { requestId } from './request-id.ts'

declare module 'http' {
  interface IncomingMessage {
    id: string
    /** Says of each line which request it is about. */
    log: Logger
  }
}

/**
 * Gives each request an id and a log, and writes one debug line when it has ended. Lines name the path without its query and
 * no header at all, because both may carry tokens. Whatever needs a person's attention is logged where it happens.
 */
export function requestLog(log: Logger): RequestHandler {
  // Following every response to its end is only worth it when the line is written.
  const tellsEnds = log.isLevelEnabled('debug')
  return (request, response, next) => {
    // A request that another node passes on has one id on both.
    request.id = idFromNode(request) ?? requestId()
    logLater(request, log)
    if (tellsEnds) tellEnd(request, response)
    next()
  }
}

/** Makes the log of a request when somebody first writes to it: next to none is written to, and each takes as long as a route. */
function logLater(request: Request, log: Logger): void {
  let own: Logger | undefined
  Object.defineProperty(request, 'log', {
    configurable: true,
    get: () => {
      own ??= log.child({ req: described(request) })
      return own
    },
  })
}

function described({ id, method, originalUrl, socket }: Request): object {
  return { id, method, path: originalUrl.replace(/\?.*$/s, ''), from: socket.remoteAddress }
}

function tellEnd(request: Request, response: Response): void {
  const startedAt = performance.now()
  response.once('close', () => {
    const responseTime = Math.round(performance.now() - startedAt)
    request.log.debug({ res: { status: response.statusCode }, responseTime }, 'request')
  })
}
