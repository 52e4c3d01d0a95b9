import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { Event, MessageEvent } from '../events/event.ts'
import type { MediaReference, RenderedMedia } from '../events/renderer.ts'
import { textAt } from '../events/unwrap.ts'
import { derivedId } from '../lib/ids.ts'
import { createLimiter } from '../lib/limiter.ts'
import type { Logger } from '../lib/logger.ts'
import { DownloadError, type RemoteMedia } from '../media/download.ts'
import type { User } from '../store/users.ts'
import { askForUpload } from '../whatsapp/content/media-retry.ts'
import type { MediaTools } from '../whatsapp/media-tools.ts'
import type { LiveSession } from '../whatsapp/session.ts'

export interface EventMediaDeps {
  log: Logger
  media: MediaTools
  /** Downloads at the same time. */
  concurrency: number
  /** The open session of a user, to ask its phone for files that have expired. */
  sessionOf: (userId: string) => LiveSession | undefined
  /** The file an event's delivery to that user should carry, if any. */
  wanted: (event: MessageEvent, user: User) => MediaReference | undefined
}

/** The files of events, fetched when they are delivered. */
export interface EventMedia {
  /**
   * The file that belongs into the delivery of an event; undefined when there is none or it cannot be had, for then the
   * event goes out without. Throws when it may be there later, at most twice for one event.
   */
  mediaOf(event: Event, user: User): Promise<RenderedMedia | undefined>
  /** Gives up what is being downloaded and deletes the files. */
  stop(): Promise<void>
}

/** Files are kept for the retries of their deliveries, up to this size in total and this long. */
const KEPT_BYTES = 256 * 1024 * 1024
const KEPT_MS = 30 * 60 * 1000
/** Deliveries of one event that may fail because its file cannot be reached. */
const MAX_FAILURES = 2
const EVENTS_REMEMBERED = 10_000

interface KeptFile {
  path: string
  sizeBytes: number
}

/** Prepares the folder for the files. */
export async function openEventMedia(deps: EventMediaDeps): Promise<EventMedia> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-events-'))
  const places = createLimiter(deps.concurrency)
  const stopping = new AbortController()
  const failures = new LRUCache<string, number>({ max: EVENTS_REMEMBERED })
  const inProgress = new Map<string, Promise<Buffer>>()
  const kept = new LRUCache<string, KeptFile>({
    maxSize: KEPT_BYTES,
    sizeCalculation: ({ sizeBytes }) => sizeBytes + 1,
    ttl: KEPT_MS,
    dispose: ({ path }) => void rm(path, { force: true }).catch(() => {}),
  })

  async function bytesOf(event: MessageEvent, user: User, reference: MediaReference): Promise<Buffer> {
    const key = derivedId(user.id, event.chat, event.id, reference.kind)
    const file = kept.get(key)
    if (file) return readFile(file.path)
    const running = inProgress.get(key)
    if (running) return running
    const download = fetchNow(key, { event, user, reference }).finally(() => inProgress.delete(key))
    inProgress.set(key, download)
    return download
  }

  async function fetchNow(key: string, wanted: Wanted): Promise<Buffer> {
    const release = await places.acquire(stopping.signal)
    try {
      const path = join(folder, key)
      await download(path, wanted)
      const bytes = await readFile(path)
      kept.set(key, { path, sizeBytes: bytes.length })
      return bytes
    } finally {
      release()
    }
  }

  async function download(path: string, { event, user, reference }: Wanted): Promise<void> {
    const remote = remoteMedia(reference)
    const attempt = async (media: RemoteMedia) => {
      // Left behind by an attempt that failed, or by a file that was forgotten a moment ago.
      await rm(path, { force: true })
      // Another process may have taken the folder of an idle one for a leftover.
      await mkdir(folder, { recursive: true })
      await deps.media.download(user, media, { path, signal: stopping.signal })
    }
    try {
      await attempt(remote)
    } catch (error) {
      if (!(error instanceof DownloadError) || error.reason !== 'expired') throw error
      const session = deps.sessionOf(user.id)
      const directPath = session && (await askForUpload(session, expired(event, remote)))
      if (!directPath) throw error
      await attempt({ ...remote, url: '', directPath })
    }
  }

  return {
    async mediaOf(event, user) {
      const reference = event.type === 'message' ? deps.wanted(event, user) : undefined
      if (event.type !== 'message' || !reference) return undefined
      const key = derivedId(user.id, event.chat, event.id)
      try {
        return { bytes: await bytesOf(event, user, reference) }
      } catch (error) {
        const failed = failures.get(key) ?? 0
        const isFinal = error instanceof DownloadError && error.reason !== 'unreachable'
        if (stopping.signal.aborted) throw error
        if (!isFinal && failed < MAX_FAILURES) {
          failures.set(key, failed + 1)
          throw error
        }
        deps.log.warn({ err: error, user: user.id, message: event.id }, 'an event goes out without its file')
        return undefined
      }
    },
    async stop() {
      stopping.abort()
      await Promise.allSettled(inProgress.values())
      kept.clear()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Wanted {
  event: MessageEvent
  user: User
  reference: MediaReference
}

function expired(event: MessageEvent, { mediaKey }: RemoteMedia) {
  const { chat, id, fromMe, isGroup, sender } = event
  return { chat, id, fromMe, participant: isGroup ? sender : undefined, mediaKey }
}

function remoteMedia({ kind, media }: MediaReference): RemoteMedia {
  const bytes = (name: string) => Buffer.from(textAt(media, name), 'base64')
  return {
    kind,
    url: textAt(media, 'url'),
    directPath: textAt(media, 'directPath'),
    mediaKey: bytes('mediaKey'),
    fileSha256: bytes('fileSha256'),
    fileEncSha256: bytes('fileEncSha256'),
    fileLength: Number(media.fileLength ?? 0),
  }
}
