import { z } from 'zod'
import type { proto } from '../../whatsapp/library/engine.ts'
import { type MediaFile, type MediaKind, sampleFile } from '../world/samples.ts'
import type { ContentContext, UploadedMedia } from './word.ts'

const WAVEFORM_BYTES = 64

/** A file to send: `true` for a sample, base64 or a data URL, or that with its particulars. */
const fileOptions = z.object({
  data: z.string().optional(),
  mimetype: z.string().optional(),
  caption: z.string().optional(),
  fileName: z.string().optional(),
  /** Length of an audio or video in seconds. */
  seconds: z.number().optional(),
  /** An audio that was recorded in the chat. */
  ptt: z.boolean().optional(),
  /** How loud a recording is, from 0 to 100. */
  waveform: z.array(z.int().min(0).max(100)).length(WAVEFORM_BYTES).optional(),
  /** A video that plays like an animated picture. */
  gif: z.boolean().optional(),
  viewOnce: z.boolean().optional(),
})

/** What is said about a file. */
export type FileOptions = z.infer<typeof fileOptions>

/** The shape of a file to send. */
export const file = z.union([z.literal(true), z.string(), fileOptions]).transform((value): FileOptions => {
  if (value === true) return {}
  return typeof value === 'string' ? { data: value } : value
})

/** Puts a file, or a sample of its kind, on the media host. */
export async function uploadFile(
  kind: MediaKind,
  options: FileOptions,
  context: ContentContext,
): Promise<{ media: UploadedMedia; mimetype: string }> {
  const { bytes, mimetype } = options.data === undefined ? await sampleFile(kind) : givenFile(options.data)
  return { media: await context.upload(bytes, kind), mimetype: options.mimetype ?? mimetype }
}

/** A picture. */
export async function imageMessage(
  options: FileOptions,
  context: ContentContext,
): Promise<proto.Message.IImageMessage> {
  const { media, mimetype } = await uploadFile('image', options, context)
  return { ...media, mimetype, caption: options.caption, viewOnce: options.viewOnce }
}

/** A video, or what plays like an animated picture. */
export async function videoMessage(
  options: FileOptions,
  context: ContentContext,
): Promise<proto.Message.IVideoMessage> {
  const { media, mimetype } = await uploadFile('video', options, context)
  const { caption, gif, seconds = 1, viewOnce } = options
  return { ...media, mimetype, caption, gifPlayback: gif, seconds, viewOnce }
}

/** A sound; a recording shows how loud it is. */
export async function audioMessage(
  options: FileOptions,
  context: ContentContext,
): Promise<proto.Message.IAudioMessage> {
  const { media, mimetype } = await uploadFile('audio', options, context)
  const { ptt, seconds = 1, viewOnce, waveform = ptt ? someWaveform() : undefined } = options
  return { ...media, mimetype, ptt, seconds, viewOnce, waveform: waveform && Buffer.from(waveform) }
}

function someWaveform(): number[] {
  return Array.from({ length: WAVEFORM_BYTES }, (_, index) => Math.round(50 + 50 * Math.sin(index / 4)))
}

function givenFile(text: string): MediaFile {
  const url = /^data:([^,]*?)(?:;base64)?,(.*)$/s.exec(text)
  return {
    mimetype: url?.[1] || 'application/octet-stream',
    bytes: Buffer.from(url?.[2] ?? text, 'base64'),
  }
}
