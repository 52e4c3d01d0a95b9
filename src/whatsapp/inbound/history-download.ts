import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { GatheredPieces } from '../../lib/flow/piece-joiner.ts'
import { withDeadline } from '../../lib/flow/with-timeout.ts'
import { getMediaKeys, proto, type SocketConfig } from '../library/engine.ts'

/** How the account fetches files, and when to give up. */
export interface HistoryFetch {
  options: SocketConfig['options']
  signal?: AbortSignal
}

const unzip = promisify(inflate)

const MEDIA_HOST = 'mmg.whatsapp.net'
const TIMEOUT_MS = 10 * 60 * 1000
// Parts of real accounts are a few megabytes; far more than that is a bomb.
const MAX_COMPRESSED_BYTES = 64 * 1024 * 1024
const MAX_BYTES = 256 * 1024 * 1024
/** An encrypted file ends with so many bytes of its HMAC. */
const MAC_BYTES = 10

/**
 * The part of a phone's history a notification announces: zlib over protobuf, inside the message itself or in an
 * encrypted file on the media host. Rejects when the file is gone, is not the announced one or is too large.
 */
export async function downloadHistory(
  notification: proto.Message.IHistorySyncNotification,
  from: HistoryFetch,
): Promise<proto.HistorySync> {
  const inline = notification.initialHistBootstrapInlinePayload
  const compressed = inline?.length
    ? inline
    : await decrypt(await fetchFile(notification.directPath ?? '', from), notification)
  return proto.HistorySync.decode(await unzip(compressed, { maxOutputLength: MAX_BYTES }))
}

// Not the library's download: a connection that breaks leaves it waiting for ever, and it checks no hash.
async function fetchFile(directPath: string, { options, signal }: HistoryFetch): Promise<Buffer> {
  const url = new URL(directPath, `https://${MEDIA_HOST}`)
  if (!directPath || url.host !== MEDIA_HOST) throw new Error('the file has no address')
  // Not `AbortSignal.any`: on Node 20 what it combines may be collected before it fires.
  return withDeadline(TIMEOUT_MS, signal, (inTime) => download(url, { options, signal: inTime }))
}

async function download(url: URL, { options, signal }: HistoryFetch): Promise<Buffer> {
  const headers = { origin: 'https://web.whatsapp.com' }
  const response = await fetch(url, { ...options, headers, redirect: 'error', signal })
  if (!response.ok || !response.body) throw new Error(`the media host answered ${response.status}`)
  const file = new GatheredPieces()
  let size = 0
  for await (const piece of response.body) {
    size += piece.length
    if (size > MAX_COMPRESSED_BYTES) throw new Error('the file is too large')
    file.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
  }
  return file.all()
}

async function decrypt(
  file: Buffer,
  { mediaKey, fileSha256, fileEncSha256 }: proto.Message.IHistorySyncNotification,
): Promise<Buffer> {
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, 'md-msg-hist')
  const ciphertext = file.subarray(0, -MAC_BYTES)
  // The library derives all three keys for every kind of file; its type is older than that.
  const mac = createHmac('sha256', macKey ?? '')
    .update(iv)
    .update(ciphertext)
    .digest()
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv)
  const plain = Buffer.concat([decipher.update(ciphertext), decipher.final()])
  const isGenuine =
    mac.subarray(0, MAC_BYTES).equals(file.subarray(-MAC_BYTES)) &&
    isHashOf(fileEncSha256, file) &&
    isHashOf(fileSha256, plain)
  if (!isGenuine) throw new Error('the file is not the announced one')
  return plain
}

function isHashOf(hash: Uint8Array | null | undefined, bytes: Buffer): boolean {
  return !hash?.length || createHash('sha256').update(bytes).digest().equals(hash)
}
