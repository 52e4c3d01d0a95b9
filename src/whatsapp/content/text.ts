import type { proto } from '../library/engine.ts'
import { type ContextInput, contextInfo } from './context.ts'

/** A card that shows what a link in the text leads to. */
export interface Preview {
  /** The link as it stands in the text. */
  link: string
  title: string
  description: string
  /** A small JPEG. */
  thumbnail?: Uint8Array
}

/** A text, a reply or a text with mentions. */
export interface TextContent extends ContextInput {
  text: string
  preview?: Preview
}

/** Always an extended text, as WhatsApp's own clients send what has a context or a preview. */
export function textContent({ text, preview, ...context }: TextContent): proto.IMessage {
  return {
    extendedTextMessage: {
      text,
      ...(preview && {
        matchedText: preview.link,
        title: preview.title,
        description: preview.description,
        jpegThumbnail: preview.thumbnail,
      }),
      ...contextInfo(context),
    },
  }
}
