import { createServer, type IncomingMessage, type RequestListener, request as startRequest } from 'node:http'
import { duplexPair } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { InnerAnswer, InnerRequest } from '../endpoint/dialect.ts'

// A value of a line may stand in the target, where every byte may take three characters: the limits of fields are the ones
// that count.
const MAX_HEADER_BYTES = 4 * 1024 * 1024

/**
 * Answers requests made inside this process as if they had come by the port: through the parser of Node and the whole
 * application, on a connection that exists in memory only.
 */
export function openInnerServer(app: RequestListener): (request: InnerRequest) => Promise<InnerAnswer> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, app)

  return async ({ method, path, headers, body }) => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = startRequest({
        method: method.toUpperCase(),
        path,
        headers: {
          ...headers,
          ...(body !== undefined && {
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(body),
          }),
        },
        createConnection: () => {
          const [ours, theirs] = duplexPair()
          server.emit('connection', theirs)
          return ours
        },
      })
      request.once('response', resolve).once('error', reject).end(body)
    })
    const { statusCode: status = 500, headers: told } = answer
    return { status, isJson: told['content-type']?.includes('json') === true, body: await text(answer) }
  }
}
