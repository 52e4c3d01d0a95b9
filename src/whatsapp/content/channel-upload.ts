import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { ApiError } from '../../lib/errors.ts'
import type { MediaKind } from '../../media/cipher.ts'
import { FetchError } from '../../media/fetch/safe-fetch.ts'
import type { LiveSession } from '../session/session.ts'
import type { PlainMedia } from './media-upload.ts'

/** A file that was put on the media servers for a channel. */
export interface PostedMedia {
  media: PlainMedia
  /** What the servers call the upload; the stanza of the post names it. */
  handle: string
}

/**
 * Puts a file on WhatsApp's media servers as channels have theirs: unencrypted, addressed by its own hash. The library
 * knows neither these addresses nor the handle in their answer. Throws `upstream_refused` when no server took it.
 */
export async function postMedia(session: LiveSession, path: string, kind: MediaKind): Promise<PostedMedia> {
  const { sha256, sizeBytes } = await measure(path)
  const { auth, hosts } = await session.call((socket) => socket.refreshMediaConn(false))
  const token = sha256.toString('base64url')
  const query = new URLSearchParams({ auth, token }).toString()
  let failure: unknown
  for (const { hostname } of hosts) {
    const url = `https://${hostname}/newsletter/newsletter-${kind}/${token}?${query}`
    try {
      const { status, body } = await session.media.postFile(session.user, url, { path, sizeBytes })
      const answer = status === 200 ? answerIn(body) : undefined
      if (answer) {
        const { url, directPath, handle } = answer
        return { media: { url, directPath, fileSha256: sha256, fileLength: sizeBytes }, handle }
      }
      failure = new Error(`unexpected status ${status}`)
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      failure = error
    }
  }
  throw new ApiError('upstream_refused', { text: 'Media upload failed on all hosts' }, { cause: failure })
}

async function measure(path: string): Promise<{ sha256: Buffer; sizeBytes: number }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    hash.update(piece)
    sizeBytes += piece.length
  }
  return { sha256: hash.digest(), sizeBytes }
}

interface UploadAnswer {
  url: string
  directPath: string
  handle: string
}

/** `{"url":"…","direct_path":"…","handle":"…"}`; undefined for anything else. */
function answerIn(body: Buffer): UploadAnswer | undefined {
  try {
    const { url, direct_path: directPath, handle } = JSON.parse(body.toString()) ?? {}
    const isWhole = [url, directPath, handle].every((one) => typeof one === 'string' && one !== '')
    return isWhole ? { url, directPath, handle } : undefined
  } catch {
    // No JSON: not the answer of a media server.
    return undefined
  }
}
