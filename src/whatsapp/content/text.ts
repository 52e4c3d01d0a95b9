import type { proto } from '../library/engine.ts'
import { type ContextInput, contextInfo } from './context.ts'
import type { UploadedMedia } from './media-upload.ts'

/** A card that shows what a link in the text leads to. */
export interface Preview {
  /** The link as it stands in the text. */
  link: string
  title: string
  description: string
  /** A small JPEG. */
  thumbnail?: Uint8Array
  /** A large one, which phones show above the title; they show the small one until they have it. */
  picture?: LinkPicture
}

/** A JPEG on the media servers. */
export interface LinkPicture {
  uploaded: UploadedMedia
  width: number
  height: number
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
        ...(preview.picture && pictureFields(preview.picture)),
      }),
      ...contextInfo(context),
    },
  }
}

function pictureFields({ uploaded, width, height }: LinkPicture): proto.Message.IExtendedTextMessage {
  return {
    thumbnailDirectPath: uploaded.directPath,
    thumbnailSha256: uploaded.fileSha256,
    thumbnailEncSha256: uploaded.fileEncSha256,
    mediaKey: uploaded.mediaKey,
    mediaKeyTimestamp: uploaded.mediaKeyTimestamp,
    thumbnailWidth: width,
    thumbnailHeight: height,
  }
}
