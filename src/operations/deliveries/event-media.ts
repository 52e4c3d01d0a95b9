import { rm } from 'node:fs/promises'
import type { FetchedMedia, FileWish, MediaOf } from '../../delivery/preparation.ts'
import type { MediaReference } from '../../delivery/renderer.ts'
import type { MessageEvent } from '../../events/event.ts'
import { textAt } from '../../events/unwrap.ts'
import { CircuitBreakers, type Verdict } from '../../lib/flow/circuit-breakers.ts'
import { FairPlaces } from '../../lib/flow/fair-places.ts'
import { unlessAborted, withDeadline } from '../../lib/flow/with-timeout.ts'
import { derivedId } from '../../lib/ids.ts'
import { refOf } from '../../lib/message-ref.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { DownloadError, mediaHostOf, type RemoteMedia } from '../../media/download.ts'
import { FetchError, type FetchFailure } from '../../media/fetch/safe-fetch.ts'
import { readHead } from '../../media/file-head.ts'
import { KeptFiles } from '../../media/kept-files.ts'
import type { User } from '../../store/users/users.ts'
import type { MediaTools } from '../../whatsapp/outbound/media-tools.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { ExpiredFiles } from './expired-files.ts'

export interface EventMediaDeps {
  log: Logger
  media: MediaTools
  /** Downloads at the same time; two of one user at most. */
  concurrency: number
  /** How long one download may take. */
  timeoutMs?: number
  /** The open session of a user, to ask its phone for files that have expired. */
  sessionOf: (userId: string) => LiveSession | undefined
}

/** The files of events, fetched when they are delivered. */
export interface EventMedia {
  /**
   * The file that belongs into the delivery of an event; undefined when there is none or it cannot be had, for then the
   * event goes out without. Throws when it may be there later, at most twice for one event.
   */
  mediaOf: MediaOf
  /** Begins to fetch the file of an event that will be delivered soon. */
  prefetch(wish: FileWish): void
  /** Gives up what is being downloaded and deletes the files. */
  stop(): Promise<void>
}

/** Deliveries of one event that may fail because its file cannot be reached. */
const MAX_FAILURES = 2
/** Events whose failures are counted; the oldest are forgotten. */
const MAX_COUNTED = 10_000
/** So that nobody's unreachable files keep the files of others waiting. */
const DOWNLOADS_PER_USER = 2
const SLOW_MS = 5_000
const MISSING_ANSWERS = new Set<FetchFailure>(['timeout', 'unreachable'])

/** Fetches the files of events and keeps them for the retries of their deliveries. */
export function openEventMedia(deps: EventMediaDeps): EventMedia {
  const { log, concurrency: total, timeoutMs = 60_000 } = deps
  const files = new KeptFiles(new FairPlaces({ total, perKey: DOWNLOADS_PER_USER, slowMs: SLOW_MS }))
  const breakers = new CircuitBreakers({
    log,
    opened: 'a media host cannot be reached for a user and is left alone for a while',
    closed: 'a media host can be reached for a user again',
  })
  const failures = new Map<string, number>()
  const expired = new ExpiredFiles(deps.sessionOf, timeoutMs)

  function mayFailOnceMore(key: string): boolean {
    const count = (failures.get(key) ?? 0) + 1
    failures.delete(key)
    failures.set(key, count)
    for (const oldest of failures.keys()) {
      if (failures.size <= MAX_COUNTED) break
      failures.delete(oldest)
    }
    return count <= MAX_FAILURES
  }

  async function download(
    user: User,
    media: RemoteMedia,
    target: { path: string; signal: AbortSignal },
  ): Promise<void> {
    // What an attempt that failed has left is useless.
    await rm(target.path, { force: true })
    // Whoever sent the message wrote its address, and must not stop the files of others with it; and each user has
    // its own way to a host.
    const host = mediaHostOf(media)
    const asked = { key: derivedId(user.id, host), facts: { user: user.id, host } }
    await breakers.run(asked, () => deps.media.download(user, media, target), verdictOn)
  }

  /** The file, from where the phone put it if WhatsApp no longer has it. It holds no place while the phone is asked. */
  async function fetched(wanted: Wanted, key: string, signal?: AbortSignal): Promise<FetchedMedia> {
    const { event, user, reference } = wanted
    const remote = remoteMedia(reference)
    try {
      return await from(remote, wanted, key, signal)
    } catch (error) {
      if (!(error instanceof DownloadError) || error.reason !== 'expired') throw error
      const file = { userId: user.id, message: refOf(event), mediaKey: remote.mediaKey }
      wanted.onExpired?.()
      // The phone may sleep for longer than anybody waits.
      const directPath = await unlessAborted(expired.ask(file), signal)
      if (!directPath) throw error
      return await from({ ...remote, url: '', directPath }, wanted, key, signal)
    }
  }

  async function from(
    remote: RemoteMedia,
    wanted: Wanted,
    key: string,
    signal?: AbortSignal,
  ): Promise<FetchedMedia> {
    const file = { key, owner: wanted.user.id }
    const fetch = (path: string, givingUp: AbortSignal) =>
      withDeadline(timeoutMs, givingUp, (inTime) => download(wanted.user, remote, { path, signal: inTime }))
    if (wanted.as === 'bytes') return { bytes: await files.read(file, fetch, signal) }
    const held = await files.hold(file, fetch, signal)
    try {
      const { path, sizeBytes, release } = held
      return { file: { path, sizeBytes, head: await readHead(path) }, release }
    } catch (error) {
      held.release()
      throw error
    }
  }

  return {
    async mediaOf(wish, signal) {
      const { event, user } = wish
      if (event.type !== 'message') return undefined
      const key = keyOf(wish, event)
      try {
        return await fetched({ ...wish, event }, key, signal)
      } catch (error) {
        if (files.isStopping) throw error
        const isFinal = signal?.aborted || (error instanceof DownloadError && error.reason !== 'unreachable')
        // A host that is left alone may be back by the next attempt, like one that was asked.
        if (!isFinal && mayFailOnceMore(key)) throw error
        log.warn({ err: error, user: user.id, message: event.id }, 'an event goes out without its file')
        return undefined
      }
    },
    prefetch({ event, user, reference }) {
      if (event.type !== 'message') return
      const wanted: Wanted = { event, user, reference, as: 'file' }
      // It is kept for a while; whatever fails, the delivery itself meets it again.
      fetched(wanted, keyOf(wanted, event)).then(
        ({ release }) => release?.(),
        () => {},
      )
    },
    stop: () => files.stop(),
  }
}

/**
 * What a failure says of the host: it is to blame for an answer that does not come, or says that it is broken, and not for
 * a file that is too slow, too large, damaged or refused. Any of those a sender can bring about.
 */
function verdictOn(error: unknown): Verdict {
  if (!(error instanceof DownloadError)) return 'nothing'
  if (error.status !== undefined) return error.status >= 500 ? 'fault' : 'answer'
  const { cause } = error
  return cause instanceof FetchError && MISSING_ANSWERS.has(cause.reason) ? 'fault' : 'nothing'
}

type Wanted = FileWish & { event: MessageEvent }

function keyOf({ user, reference }: FileWish, { chat, id }: MessageEvent): string {
  return derivedId(user.id, chat, id, textAt(reference.media, 'mediaKey'))
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
