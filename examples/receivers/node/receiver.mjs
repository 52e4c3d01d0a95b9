// Receives webhooks, and believes those that are signed with the secret of the target:
//
//   WEBHOOK_SECRET=whsec_... PORT=4000 node receiver.mjs
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const LARGEST = 16 * 1024 * 1024
const OLDEST_SECONDS = 300
const key = Buffer.from((process.env.WEBHOOK_SECRET ?? '').replace(/^whsec_/, ''), 'base64')
if (key.length < 24) throw new Error('WEBHOOK_SECRET is missing')

/** Standard Webhooks: HMAC-SHA256 over id, time and the bytes of the body, one signature for each secret that is valid. */
function isSigned(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < OLDEST_SECONDS)) return false
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

createServer(async (request, response) => {
  const pieces = []
  let length = 0
  for await (const piece of request) {
    length += piece.length
    if (length > LARGEST) return response.writeHead(413).end()
    pieces.push(piece)
  }
  const body = Buffer.concat(pieces)
  if (!isSigned(request.headers, body)) return response.writeHead(401).end()
  // The same id comes again when an answer was lost: do what has to be done once by it.
  process.stdout.write(`${request.headers['webhook-id']} ${body}\n`)
  response.writeHead(204).end()
}).listen(Number(process.env.PORT ?? 4000))
