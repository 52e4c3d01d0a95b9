import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatheredPieces } from '../../lib/flow/piece-joiner.ts'
import { requestTarget } from '../../lib/text/request-target.ts'
import type { Network } from '../world/network.ts'

/** Largest upload taken. The real service takes 2 GB; here the file stays in memory. */
const MAX_UPLOAD_BYTES = 200 * 1024 * 1024

/**
 * The upload and download host of (already encrypted) media: `POST /mms/<type>/<token>` keeps a file,
 * `GET <direct path>` returns it. Answers false for other paths, which it leaves alone.
 */
export function serveMedia(network: Network, request: IncomingMessage, response: ServerResponse): boolean {
  const path = requestTarget(request)?.pathname ?? ''
  if (request.method === 'POST' && /^\/(mms|newsletter)\//.test(path)) {
    void upload(network, request, response)
    return true
  }
  if (request.method !== 'GET' || !path.startsWith('/v/')) return false
  download(network, path, response)
  return true
}

async function upload(network: Network, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = new GatheredPieces()
  let sizeBytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length
      if (sizeBytes > MAX_UPLOAD_BYTES) {
        response.writeHead(413).end()
        return
      }
      file.push(chunk)
    }
  } catch {
    // The client gave up; there is nobody left to answer.
    response.destroy()
    return
  }
  const { url, directPath } = network.media.put(file.all())
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ url, direct_path: directPath, handle: directPath.slice('/v/'.length) }))
}

function download(network: Network, path: string, response: ServerResponse): void {
  if (network.faults.take('stall-media')) return
  const isExpired = network.faults.take('expire-media') !== undefined
  const file = network.media.get(path)
  if (isExpired || !file) {
    response.writeHead(isExpired ? 410 : 404).end()
    return
  }
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.length })
  response.end(file)
}
