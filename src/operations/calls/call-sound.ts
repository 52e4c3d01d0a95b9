import type { CallMedia } from '../../calls/call-media.ts'
import { ApiError } from '../../lib/errors.ts'
import { isHttpUrl } from '../../lib/text/http-url.ts'
import { withScratch } from '../../media/scratch.ts'
import { openSource } from '../../media/source.ts'
import type { Call } from '../../whatsapp/calls/calls.ts'
import type { UserScope } from '../services.ts'
import { copyCallFile, createCallFile, MAX_AUDIO_BYTES } from './call-files.ts'
import { hangUpCall, placeCall, requireSound } from './own-calls.ts'

/** A file that is to be played: a name below the folder of calls, or an http(s) address. */
export interface FileToPlay {
  id: string
  file: string
}

/** A recording that has begun, or is over; the name is below the folder of calls. */
export interface Recording {
  call: Call
  name: string
  seconds: number
}

/**
 * Plays a file into a call, in place of what plays; before the other side has taken the call it waits.
 * @throws ApiError `not_found`, `conflict` when the call is over, `media_unavailable` in the stage `file` (by name), `fetch`
 * (an address) or `decode`, `media_too_large`, `unsupported` where ffmpeg is needed and is not there, `rate_limited` while
 * others are being prepared for this call.
 */
export async function playIntoCall(scope: UserScope, { id, file }: FileToPlay): Promise<Call> {
  const { call, calls, media } = await requireSound(scope, id)
  await prepareFor(media, () => withAudioFile(scope, file, (path) => playAt(media, path, file)))
  return calls.find(id) ?? call
}

/** Files that are fetched and decoded for one call at the same time; only the last of them is played. */
const MAX_PREPARED = 2
const prepared = new WeakMap<CallMedia, number>()

/** Refuses more files for a call than are worth preparing: each may take a hundred megabytes and an hour of sound. */
async function prepareFor<Result>(media: CallMedia, prepare: () => Promise<Result>): Promise<Result> {
  const others = prepared.get(media) ?? 0
  if (others >= MAX_PREPARED)
    throw new ApiError('rate_limited', { text: 'other files are being prepared for this call' })
  prepared.set(media, others + 1)
  try {
    return await prepare()
  } finally {
    prepared.set(media, (prepared.get(media) ?? 1) - 1)
  }
}

/**
 * Calls somebody and plays a file as soon as the call is taken. What is wrong with the file is told before the call; a call
 * for which it cannot be decoded is given up.
 * @throws ApiError as `placeCall` and `playIntoCall`.
 */
export async function placeCallWithFile(
  scope: UserScope,
  { to, file }: { to: string; file: string },
): Promise<Call> {
  if (file === '') return placeCall(scope, to)
  return withAudioFile(scope, file, async (path) => {
    const { id } = await placeCall(scope, to)
    try {
      const { call, calls, media } = await requireSound(scope, id)
      await playAt(media, path, file)
      return calls.find(id) ?? call
    } catch (error) {
      await hangUpCall(scope, id)
      throw error
    }
  })
}

/** Pauses what plays. Throws `not_found`, also when nothing was ever played, and `conflict` when it does not play. */
export async function pausePlaying(scope: UserScope, id: string): Promise<void> {
  const { media, state } = await requirePlayer(scope, id)
  if (!media.pausePlaying() && state !== 'paused') throw nothingPlays()
}

/** Goes on with what is paused. Throws the same. */
export async function resumePlaying(scope: UserScope, id: string): Promise<void> {
  const { media, state } = await requirePlayer(scope, id)
  if (!media.resumePlaying() && state !== 'playing') throw nothingPlays()
}

/** Ends what plays; what has ended stays so. Throws `not_found` and, when the call is over, `conflict`. */
export async function stopPlaying(scope: UserScope, id: string): Promise<void> {
  const { media } = await requirePlayer(scope, id)
  await media.stopPlaying()
}

/**
 * Begins to record what both sides say, into a new WAV file: `name`, or one that is called as the call.
 * @throws ApiError `not_found`, `conflict` when a recording runs, the call is over or the file is there,
 * `media_unavailable` in the stage `file`.
 */
export async function recordCall(
  scope: UserScope,
  { id, name }: { id: string; name: string },
): Promise<Recording> {
  const { call, media } = await requireSound(scope, id)
  if (media.stats.recording) throw new ApiError('conflict', { text: 'the call is recorded already' })
  const file = await createCallFile(scope.services.config.callFilesDir, name || `${safeName(id)}.wav`)
  try {
    await media.record(file.path, 'mixed', file)
  } catch (error) {
    // Another recording was faster, or the call has ended meanwhile; the file is empty.
    await file.remove()
    throw error
  }
  return { call, name: file.name, seconds: 0 }
}

/** Ends the recording. Throws `not_found` when there is none, and `conflict` when the call is over. */
export async function stopRecording(scope: UserScope, id: string): Promise<Recording> {
  const { call, media } = await requireSound(scope, id)
  const recording = await media.stopRecording()
  if (!recording) throw new ApiError('not_found', { text: 'the call is not recorded' })
  return { call, name: recording.path, seconds: recording.seconds }
}

async function requirePlayer(scope: UserScope, id: string): Promise<{ media: CallMedia; state: string }> {
  const { media } = await requireSound(scope, id)
  const { playing } = media.stats
  if (!playing) throw new ApiError('not_found', { text: 'nothing was played in this call' })
  return { media, state: playing.state }
}

/** Gives `work` the file at a path of this machine for as long as it takes. */
function withAudioFile<Result>(
  { user, services }: UserScope,
  file: string,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  return withScratch(async (scratch) => {
    if (!isHttpUrl(file)) return work(await copyCallFile(services.config.callFilesDir, file, scratch))
    const agents = services.sessions.live(user.id).media.sourceAgents
    return work((await openSource(file, { scratch, maxBytes: MAX_AUDIO_BYTES, agents })).path)
  })
}

async function playAt(media: CallMedia, path: string, file: string): Promise<void> {
  try {
    await media.play(path, shownName(file))
  } catch (cause) {
    if (!(cause instanceof ApiError) || cause.code !== 'media_unavailable') throw cause
    throw new ApiError('media_unavailable', { ...cause.details, stage: 'decode' }, { cause })
  }
}

/** How a file is called where it is told: what an address has behind its path may be a secret. */
function shownName(file: string): string {
  if (!isHttpUrl(file)) return file
  const { origin, pathname } = new URL(file)
  return origin + pathname
}

/** Ids come from callers, too: as a name they may hold only what ids of WhatsApp do. */
function safeName(id: string): string {
  return id.replace(/[^\w-]/g, '_')
}

function nothingPlays(): ApiError {
  return new ApiError('conflict', { text: 'nothing is playing' })
}
