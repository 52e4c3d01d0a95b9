import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { GatheredPieces } from '../../lib/flow/piece-joiner.ts'
import { requestTarget } from '../../lib/text/request-target.ts'
import { MEDIA_AUTH, urlSafe } from '../world/media-store.ts'
import type { Network } from '../world/network.ts'

/** Largest upload taken. The real service takes 2 GB; here the file stays in memory. */
const MAX_UPLOAD_BYTES = 200 * 1024 * 1024

/** Where pictures of products go. They are for everybody, so they are not encrypted, and the host looks at them. */
const PRODUCT_IMAGES = '/product/image/'
/** How a JPEG begins, the only format it takes there. */
const JPEG = Buffer.from([0xff, 0xd8, 0xff])

/** Where files of channels go. They are not encrypted, so the host checks that they are what their address says. */
const CHANNEL_FILES =
  /^\/newsletter\/newsletter-(?:image|video|audio|ptt|gif|document|sticker|sticker-pack|thumbnail-link)\/([\w-]+)=*$/

/** Where files of messages go, and are taken back: a part of the history by the companion that has read it. */
const MESSAGE_FILES = /^\/mms\/[\w-]+\/([\w-]+)(?:=|%3D)*$/i

/**
 * The upload and download host of (already encrypted) media: `POST /mms/<type>/<token>` keeps a file,
 * `GET <direct path>` returns it, `DELETE /mms/<type>/<token>` takes it back. Answers false for other paths, which it
 * leaves alone.
 */
export function serveMedia(network: Network, request: IncomingMessage, response: ServerResponse): boolean {
  const { pathname: path = '', search = '' } = requestTarget(request) ?? {}
  const query = new URLSearchParams(search)
  if (request.method === 'POST' && /^\/(mms|newsletter|product)\//.test(path)) {
    void upload(network, { request, path, query }, response)
    return true
  }
  if (request.method === 'DELETE' && path.startsWith('/mms/')) {
    takeBack(network, { path, query }, response)
    return true
  }
  if (request.method !== 'GET' || !path.startsWith('/v/')) return false
  download(network, { path, query }, response)
  return true
}

async function upload(
  network: Network,
  { request, path, query }: Address & { request: IncomingMessage },
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
  if (path.startsWith('/mms/') && !isEncryptedFile({ path, query }, bytes)) {
    response.writeHead(query.get('auth') === MEDIA_AUTH ? 400 : 401).end()
    return
  }
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
  const { url, directPath, handle } = network.media.put(bytes)
  if (path.startsWith('/newsletter/')) network.media.handles.add(handle)
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ url, direct_path: directPath, handle }))
}

/** The token names the file by its hash, in the path and again in the query (both clients send both). */
function isEncryptedFile({ path, query }: Address, bytes: Buffer): boolean {
  const hash = createHash('sha256').update(bytes).digest('base64url')
  const [, token] = MESSAGE_FILES.exec(path) ?? []
  return query.get('auth') === MEDIA_AUTH && token === hash && urlSafe(query.get('token') ?? '') === hash
}

function isProductImage(path: string, bytes: Buffer): boolean {
  return path.startsWith(PRODUCT_IMAGES) && bytes.subarray(0, JPEG.length).equals(JPEG)
}

function isChannelFile(path: string, bytes: Buffer): boolean {
  return CHANNEL_FILES.exec(path)?.[1] === createHash('sha256').update(bytes).digest('base64url')
}

interface Address {
  path: string
  query: URLSearchParams
}

function download(network: Network, { path, query }: Address, response: ServerResponse): void {
  if (network.faults.take('stall-media')) return
  if (network.faults.take('expire-media')) {
    response.writeHead(410).end()
    return
  }
  const found = network.media.find(path, query)
  if ('refused' in found) {
    response.writeHead(found.refused, { 'content-type': 'text/plain' }).end(found.reason)
    return
  }
  const { file } = found
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': file.length })
  response.end(file)
}

/**
 * `token` is the hash of the encrypted file, in the path and again in the query; `d_md` the direct path without its
 * query, in base64 (whatsmeow 2026-09-21).
 */
function takeBack({ media }: Network, { path, query }: Address, response: ServerResponse): void {
  if (query.get('auth') !== MEDIA_AUTH) {
    response.writeHead(401).end()
    return
  }
  const hash = MESSAGE_FILES.exec(path)?.[1]
  const directPath = Buffer.from(query.get('d_md') ?? '', 'base64url').toString()
  const isNamed =
    hash !== undefined && urlSafe(query.get('token') ?? '') === hash && directPath.endsWith(`/${hash}`)
  const status = !isNamed ? 400 : media.expire(directPath) ? 200 : 404
  response.writeHead(status).end()
}
