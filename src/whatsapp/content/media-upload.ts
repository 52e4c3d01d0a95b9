import { rm } from 'node:fs/promises'
import { type EncryptedKind, encryptFile, type MediaSecrets } from '../../media/cipher.ts'
import type { Scratch } from '../../media/scratch.ts'
import type { LiveSession } from '../session/session.ts'

/** A file on the media servers, in the words of the messages that refer to it. */
export interface UploadedMedia extends MediaSecrets {
  url: string
  directPath: string
  /** Unix seconds. */
  mediaKeyTimestamp: number
}

/** A file of a channel, which everybody may read: it lies on the media servers as it is. */
export interface PlainMedia {
  url: string
  directPath: string
  fileSha256: Uint8Array
  fileLength: number
}

/** Longest silence of the media server. */
const IDLE_TIMEOUT_MS = 60_000

/** Encrypts a file and puts it on WhatsApp's media servers, from disk to disk to socket. Throws ApiError. */
export async function uploadMedia(
  session: LiveSession,
  path: string,
  { kind, scratch }: { kind: EncryptedKind; scratch: Scratch },
): Promise<UploadedMedia> {
  const encrypted = scratch.newPath('.enc')
  const secrets = await encryptFile(path, encrypted, kind)
  const { mediaUrl, directPath } = await session.call((socket) =>
    socket.waUploadToServer(encrypted, {
      mediaType: kind,
      fileEncSha256B64: Buffer.from(secrets.fileEncSha256).toString('base64'),
      timeoutMs: IDLE_TIMEOUT_MS,
    }),
  )
  await rm(encrypted)
  return { ...secrets, url: mediaUrl, directPath, mediaKeyTimestamp: Math.floor(Date.now() / 1000) }
}
