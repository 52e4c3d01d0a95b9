import type { proto } from '../../whatsapp/library/engine.ts'
import type { FileKind } from './media-cipher.ts'
import { unwrapped } from './wrappers.ts'

/** The words of a message: its text or the caption of its file. */
export function textOf(message: proto.IMessage | undefined): string | undefined {
  const content = message && unwrapped(message)
  const text =
    content?.conversation ||
    content?.extendedTextMessage?.text ||
    content?.imageMessage?.caption ||
    content?.videoMessage?.caption ||
    content?.documentMessage?.caption
  return text || undefined
}

/** Where a message's file lies and what opens it. */
export interface FileReference {
  directPath: string
  mediaKey: Uint8Array
  type: FileKind
}

/** The file of a message, if it has one. */
export function fileOf(message: proto.IMessage | undefined): FileReference | undefined {
  const content = message && unwrapped(message)
  const candidates = [
    ['image', content?.imageMessage],
    ['video', content?.videoMessage ?? content?.ptvMessage],
    ['audio', content?.audioMessage],
    ['document', content?.documentMessage],
    ['sticker', content?.stickerMessage],
    ['sticker-pack', content?.stickerPackMessage],
  ] as const
  for (const [type, file] of candidates) {
    if (file?.directPath && file.mediaKey)
      return { directPath: file.directPath, mediaKey: file.mediaKey, type }
  }
  return undefined
}
