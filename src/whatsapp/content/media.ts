import type { proto } from '../library/engine.ts'
import { type ContextInput, contextInfo } from './context.ts'
import type { PlainMedia, UploadedMedia } from './media-upload.ts'

interface MediaContent extends ContextInput {
  uploaded: UploadedMedia | PlainMedia
  mimeType: string
}

export interface ImageContent extends MediaContent {
  caption?: string
  thumbnail: Uint8Array
  width: number
  height: number
}

export function imageContent(content: ImageContent): proto.IMessage {
  const { uploaded, mimeType, caption, thumbnail, width, height } = content
  return {
    imageMessage: {
      ...uploaded,
      mimetype: mimeType,
      ...(caption && { caption }),
      jpegThumbnail: thumbnail,
      width,
      height,
      ...contextInfo(content),
    },
  }
}

export interface AudioContent extends MediaContent {
  /** A voice message rather than a file to listen to. */
  isVoice: boolean
  seconds: number
  waveform?: Uint8Array
}

export function audioContent(content: AudioContent): proto.IMessage {
  const { uploaded, mimeType, isVoice, seconds, waveform } = content
  return {
    audioMessage: {
      ...uploaded,
      mimetype: mimeType,
      ptt: isVoice,
      seconds,
      ...(waveform && { waveform }),
      ...contextInfo(content),
    },
  }
}

export interface VideoContent extends MediaContent {
  caption?: string
  thumbnail?: Uint8Array
  seconds?: number
  width?: number
  height?: number
  /** Whether it plays by itself, again and again, without sound. */
  isGif?: boolean
}

export function videoContent(content: VideoContent): proto.IMessage {
  const { uploaded, mimeType, caption, thumbnail, seconds, width, height, isGif } = content
  return {
    videoMessage: {
      ...uploaded,
      mimetype: mimeType,
      ...(caption && { caption }),
      ...(thumbnail && { jpegThumbnail: thumbnail }),
      ...(seconds && { seconds }),
      ...(width && { width, height }),
      ...(isGif && { gifPlayback: true }),
      ...contextInfo(content),
    },
  }
}

export interface DocumentContent extends MediaContent {
  fileName: string
  caption?: string
  /** How many it has, and a JPEG of the first one, where that is known. */
  pages?: number
  thumbnail?: Uint8Array
}

/** As the original sends it: with a caption too, it travels without the envelope that phones put around it. */
export function documentContent(content: DocumentContent): proto.IMessage {
  const { uploaded, mimeType, fileName, caption, pages, thumbnail } = content
  return {
    documentMessage: {
      ...uploaded,
      mimetype: mimeType,
      fileName,
      title: fileName,
      ...(pages && { pageCount: pages }),
      ...(thumbnail && { jpegThumbnail: thumbnail }),
      ...(caption && { caption }),
      ...contextInfo(content),
    },
  }
}

export interface StickerContent extends MediaContent {
  isAnimated: boolean
  thumbnail?: Uint8Array
}

export function stickerContent(content: StickerContent): proto.IMessage {
  const { uploaded, mimeType, isAnimated, thumbnail } = content
  return {
    stickerMessage: {
      ...uploaded,
      mimetype: mimeType,
      isAnimated,
      ...(thumbnail && { pngThumbnail: thumbnail }),
      stickerSentTs: Date.now(),
      ...contextInfo(content),
    },
  }
}
