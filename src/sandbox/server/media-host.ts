import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatheredPieces } from '../../lib/flow/piece-joiner.ts'
import { requestTarget } from '../../lib/text/request-target.ts'
import type { Network } from '../world/network.ts'

/** Largest upload taken. The real service takes 2 GB; here the file stays in memory. */
const MAX_UPLOAD_BYTES = 200 * 1024 * 1024

/** Where pictures of products go. They are for everybody, so they are not encrypted, and the host looks at them. */
const PRODUCT_IMAGES = '/product/image/'
/** How a JPEG begins, the only format it takes there. */
const JPEG = Buffer.from([0xff, 0xd8, 0xff])

/** Where files of channels go. They are not encrypted, so the host checks that they are what their address says. */
const CHANNEL_FILES = /^\/newsletter\/newsletter-(?:image|video|audio|ptt|gif|document|sticker)\/([\w-]+)=*$/

/**
 * The upload and download host of (already encrypted) media: `POST /mms/<type>/<token>` keeps a file,
 * `GET <direct path>` returns it. Answers false for other paths, which it leaves alone.
 */
export function serveMedia(network: Network, request: IncomingMessage, response: ServerResponse): boolean {
  const path = requestTarget(request)?.pathname ?? ''
  if (request.method === 'POST' && /^\/(mms|newsletter|product)\//.test(path)) {
    void upload(network, { request, path }, response)
    return true
  }
  if (request.method !== 'GET' || !path.startsWith('/v/')) return false
  download(network, path, response)
  return true
}

async function upload(
  network: Network,
  { request, path }: { request: IncomingMessage; path: string },
  response: ServerResponse,
): Promise<void> {
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
  const bytes = file.all()
  if (path.startsWith('/product/') && !isProductImage(path, bytes)) {
    const refusal = { retriable: false, type: 'INVALID_MEDIA_TYPE', message: 'Invalid media type' }
    response.writeHead(415, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ debug_info: refusal }))
    return
  }
  if (path.startsWith('/newsletter/') && !isChannelFile(path, bytes)) {
    response.writeHead(400).end()
    return
  }
  const { url, directPath } = network.media.put(bytes)
  const handle = directPath.slice('/v/'.length)
  if (path.startsWith('/newsletter/')) network.media.handles.add(handle)
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ url, direct_path: directPath, handle }))
}

function isProductImage(path: string, bytes: Buffer): boolean {
  return path.startsWith(PRODUCT_IMAGES) && bytes.subarray(0, JPEG.length).equals(JPEG)
}

function isChannelFile(path: string, bytes: Buffer): boolean {
  return CHANNEL_FILES.exec(path)?.[1] === createHash('sha256').update(bytes).digest('base64url')
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
