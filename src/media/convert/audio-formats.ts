import type { MediaFile } from '../source.ts'

/** Opus in Ogg, the one format voice messages have. */
export const OPUS = 'audio/ogg; codecs=opus'

/** A format of audio, known by its first bytes. */
export interface AudioFormat {
  /** The type to announce. */
  type: string
  /** For people. */
  name: string
  /** Whether phones play it as a file; as a voice message they play Opus only. */
  isPlayed: boolean
}

/** The codec of Ogg stands in its first packet, 28 bytes from the start (RFC 3533, RFC 7845 §5.1). */
const FORMATS: (AudioFormat & { start: RegExp })[] = [
  { type: OPUS, name: 'Opus', isPlayed: true, start: /^4f676753.{48}4f70757348656164/ },
  { type: 'audio/ogg', name: 'Ogg Vorbis', isPlayed: false, start: /^4f676753.{48}01766f72626973/ },
  { type: 'audio/ogg', name: 'Ogg FLAC', isPlayed: false, start: /^4f676753.{48}7f464c4143/ },
  { type: 'audio/ogg', name: 'Ogg Speex', isPlayed: false, start: /^4f676753.{48}5370656578202020/ },
  { type: 'audio/mpeg', name: 'MP3', isPlayed: true, start: /^494433/ },
  // Frames begin with eleven set bits (twelve in AAC); the two bits for the layer are 0 in AAC, and only there.
  { type: 'audio/aac', name: 'AAC', isPlayed: true, start: /^fff[0189]/ },
  { type: 'audio/mpeg', name: 'MP3', isPlayed: true, start: /^ff[ef][2-7a-f]/ },
  { type: 'audio/amr', name: 'AMR', isPlayed: true, start: /^2321414d52/ },
  { type: 'audio/mp4', name: 'MP4', isPlayed: true, start: /^.{8}66747970/ },
  { type: 'audio/wav', name: 'WAV', isPlayed: true, start: /^52494646.{8}57415645/ },
  { type: 'audio/flac', name: 'FLAC', isPlayed: true, start: /^664c6143/ },
  { type: 'audio/webm', name: 'WebM', isPlayed: false, start: /^1a45dfa3/ },
  { type: 'audio/aiff', name: 'AIFF', isPlayed: false, start: /^464f524d.{8}414946/ },
  { type: 'audio/x-caf', name: 'CAF', isPlayed: false, start: /^63616666/ },
  { type: 'audio/x-ms-wma', name: 'WMA', isPlayed: false, start: /^3026b2758e66cf11/ },
]

/** The format of an audio; undefined for what nobody recognizes. */
export function audioFormat({ head }: Pick<MediaFile, 'head'>): AudioFormat | undefined {
  const start = head.toString('hex', 0, 64)
  return FORMATS.find((format) => format.start.test(start))
}

/** Names that programs give to types which phones know by another. */
const ALIASES: Record<string, string> = {
  'audio/x-m4a': 'audio/mp4',
  'audio/m4a': 'audio/mp4',
  'audio/mp4a-latm': 'audio/mp4',
  'audio/mp3': 'audio/mpeg',
  'audio/x-mp3': 'audio/mpeg',
  'audio/x-mpeg': 'audio/mpeg',
  'audio/x-aac': 'audio/aac',
  'audio/aacp': 'audio/aac',
  'audio/x-wav': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/amr-nb': 'audio/amr',
}

/** The type to announce for an audio that goes as it is: the caller's, else by its bytes, else the declared one. */
export function audioType(asked: string | undefined, file: MediaFile, isVoice: boolean): string {
  const found = audioFormat(file)?.type
  const declared = file.declaredType.startsWith('audio/') ? file.declaredType : ''
  const type = asked || found || declared || (isVoice ? OPUS : 'audio/mpeg')
  const bare = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  // Without the codec phones do not know that they can play it.
  if (found === OPUS && /^(audio|application)\/(x-)?(ogg|opus)$/.test(bare)) return OPUS
  return ALIASES[bare] ?? type
}
