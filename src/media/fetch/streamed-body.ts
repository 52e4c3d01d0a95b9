import type { Hash, Hmac } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

/** A request body that is read anew each time it is sent, so that it is never in memory as a whole. */
export interface StreamedBody {
  /** What `pieces` yields in all. */
  sizeBytes: number
  /**
   * The bytes from the beginning, each piece only until the next one is asked for. Throws UnreadableBodyError when they are
   * not there any more.
   */
  pieces(): AsyncIterable<Uint8Array>
}

/** A body could not be read from the disk of this machine: nothing is known of whoever it was for. */
export class UnreadableBodyError extends Error {
  override readonly name = 'UnreadableBodyError'
}

const PIECE_BYTES = 64 * 1024

/**
 * The bytes of a file, which must have this size. Nothing is yielded of one that has another, or is gone. All pieces are
 * read into the same memory: a hundred megabytes of new buffers are collected far too late.
 */
export async function* filePieces({
  path,
  sizeBytes,
}: {
  path: string
  sizeBytes: number
}): AsyncGenerator<Buffer> {
  const file = await opened(path)
  try {
    const { size } = await file.stat()
    if (size !== sizeBytes) throw new UnreadableBodyError(`the file has ${size} bytes and not ${sizeBytes}`)
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, sizeBytes))
    for (let at = 0; at < sizeBytes; ) {
      const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, sizeBytes - at), at)
      if (bytesRead === 0) throw new UnreadableBodyError(`the file ended after ${at} bytes`)
      yield piece.subarray(0, bytesRead)
      at += bytesRead
    }
  } finally {
    await file.close()
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    throw new UnreadableBodyError('the file is not there any more', { cause })
  }
}

/** Feeds a body to hashes, all of them in one reading. */
export async function hashBody(
  body: string | Uint8Array | StreamedBody,
  hashes: readonly (Hash | Hmac)[],
): Promise<void> {
  const pieces = typeof body === 'object' && 'pieces' in body ? body.pieces() : [body]
  for await (const piece of pieces) for (const hash of hashes) hash.update(piece)
}
