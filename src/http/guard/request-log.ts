import { pinoHttp } from 'pino-http'
import { idFromNode } from '../../cluster/internal.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { requestId } from './request-id.ts'

/**
 * One debug line per request. It names the path without its query and no header at all, because both may carry tokens.
 * Whatever needs a person's attention is logged where it happens.
 */
export function requestLog(log: Logger) {
  return pinoHttp({
    logger: log,
    // A request that another node passes on has one id on both.
    genReqId: (request) => idFromNode(request) ?? requestId(),
    useLevel: 'debug',
    // Following every response to its end is only worth it when the line is written.
    autoLogging: log.isLevelEnabled('debug'),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    serializers: {
      req: (request: { id: string; method: string; url: string; remoteAddress: string }) => ({
        id: request.id,
        method: request.method,
        path: request.url.replace(/\?.*$/s, ''),
        from: request.remoteAddress,
      }),
      res: (response: { statusCode: number | null }) => ({ status: response.statusCode }),
    },
  })
}
