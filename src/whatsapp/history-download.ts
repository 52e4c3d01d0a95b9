import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import { downloadContentFromMessage, proto, type SocketConfig } from './engine.ts'

const unzip = promisify(inflate)

// Chunks of real accounts are a few megabytes; far more than that is a bomb.
const MAX_COMPRESSED_BYTES = 64 * 1024 * 1024
const MAX_BYTES = 256 * 1024 * 1024

/**
 * The part of a phone's history a notification announces: zlib over protobuf, inside the message itself or in an
 * encrypted file on the media host. `options` are the fetch options of the network. Rejects when the file is gone, is
 * not the announced one or is too large.
 */
export async function downloadHistory(
  notification: proto.Message.IHistorySyncNotification,
  options: SocketConfig['options'],
): Promise<proto.HistorySync> {
  const inline = notification.initialHistBootstrapInlinePayload
  const compressed = inline?.length ? inline : await fetchFile(notification, options)
  return proto.HistorySync.decode(await unzip(compressed, { maxOutputLength: MAX_BYTES }))
}

async function fetchFile(
  { mediaKey, directPath, fileSha256 }: proto.Message.IHistorySyncNotification,
  options: SocketConfig['options'],
): Promise<Buffer> {
  const stream = await downloadContentFromMessage({ mediaKey, directPath }, 'md-msg-hist', { options })
  const file = await collect(stream)
  // The library decrypts without a look at the hash (guide to the library §1).
  const hash = createHash('sha256').update(file).digest()
  if (fileSha256?.length && !hash.equals(fileSha256)) throw new Error('the file is not the announced one')
  return file
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    // A binary stream yields buffers.
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > MAX_COMPRESSED_BYTES) throw new Error('the file is too large')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}
