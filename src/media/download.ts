import { open } from 'node:fs/promises'
import { DamagedMediaError, MediaDecryption, type MediaKind, type MediaSecrets } from './cipher.ts'
import { type Agents, FetchError, type Fetched, safeFetch } from './fetch/safe-fetch.ts'

/** A file on WhatsApp's media servers. */
export interface RemoteMedia extends MediaSecrets {
  kind: MediaKind
  url: string
  directPath: string
}

/**
 * Why there is no file: `expired` (the servers no longer have it), `unreachable` (trying again may help), `too_large`,
 * or `unusable` (no address, wrong key or hash: it will never work).
 */
export type DownloadFailure = 'expired' | 'unreachable' | 'too_large' | 'unusable'

/** A file could not be had; `message` says it in the words of the original's library. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError'
  readonly reason: DownloadFailure
  /** What the host answered, if that is the reason. */
  readonly status: number | undefined

  constructor(reason: DownloadFailure, message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options)
    this.reason = reason
    this.status = options.status
  }
}

export interface DownloadOptions {
  /** Where the decrypted file goes; nothing may be there yet. What is there after a failure is useless. */
  path: string
  maxBytes: number
  /** Connections to the media servers. */
  agents: Agents
  /** How long the server may send nothing. */
  stallMs?: number
  signal?: AbortSignal
}

const MEDIA_HOST = 'mmg.whatsapp.net'
// How long the original waits for each kind.
const TIMEOUT_MS: Record<MediaKind, number> = {
  image: 120_000,
  audio: 300_000,
  document: 600_000,
  video: 600_000,
  sticker: 60_000,
}
/** What encryption adds at most: a block of padding and the MAC. */
const OVERHEAD_BYTES = 26

/** Fetches, decrypts and checks a file, piece by piece. Throws DownloadError. */
export async function downloadMedia(media: RemoteMedia, options: DownloadOptions): Promise<void> {
  const address = addressOf(media)
  // Of this machine, a full disk for example, and not of the host.
  let ownFailure: unknown
  try {
    const decryption = new MediaDecryption(media, media.kind)
    const target = await open(options.path, 'wx', 0o600)
    try {
      const answer = await safeFetch(address, {
        agents: options.agents,
        signal: options.signal,
        timeoutMs: TIMEOUT_MS[media.kind],
        stallMs: options.stallMs,
        maxBytes: options.maxBytes + OVERHEAD_BYTES,
        headers: { 'accept-encoding': 'identity', origin: 'https://web.whatsapp.com' },
        sink: async (piece) => {
          try {
            await target.writeFile(decryption.write(piece))
          } catch (error) {
            ownFailure = error
            throw error
          }
        },
      })
      checkStatus(answer)
      await target.writeFile(decryption.end())
    } finally {
      await target.close()
    }
  } catch (error) {
    throw asDownloadError(ownFailure ?? error)
  }
}

/** The host that is asked for a file. Throws DownloadError when there is none that may be asked. */
export function mediaHostOf(media: RemoteMedia): string {
  return new URL(addressOf(media)).hostname
}

/**
 * Where the file is. Both members were written by whoever sent the message, so they may name WhatsApp's hosts only:
 * nobody shall make this server ask elsewhere.
 */
function addressOf({ url, directPath }: RemoteMedia): string {
  for (const candidate of [url, directPath.startsWith('/') ? `https://${MEDIA_HOST}${directPath}` : '']) {
    if (!URL.canParse(candidate)) continue
    const { protocol, hostname, port, username } = new URL(candidate)
    const isOurs = hostname === 'whatsapp.net' || hostname.endsWith('.whatsapp.net')
    if (protocol === 'https:' && isOurs && port === '' && username === '' && hostname !== 'web.whatsapp.net')
      return candidate
  }
  throw new DownloadError('unusable', 'no url present')
}

function checkStatus({ status }: Fetched): void {
  if (status >= 200 && status < 300) return
  const isGone = status === 403 || status === 404 || status === 410
  throw new DownloadError(isGone ? 'expired' : 'unreachable', `download failed with status code ${status}`, {
    status,
  })
}

function asDownloadError(error: unknown): unknown {
  if (error instanceof DamagedMediaError)
    return new DownloadError('unusable', error.message, { cause: error })
  if (!(error instanceof FetchError)) return error
  const reason = error.reason === 'too_large' ? 'too_large' : 'unreachable'
  return new DownloadError(reason, error.message, { cause: error })
}
