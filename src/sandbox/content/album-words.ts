import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { withInfo } from './context-info.ts'
import { file, imageMessage, videoMessage } from './file.ts'
import { type Saying, severalWord } from './word.ts'

const { AssociationType } = proto.MessageAssociation
const { PairedMediaType } = proto.ContextInfo

const album = z.object({
  images: z.array(file).default([]),
  videos: z.array(file).default([]),
  /** Whether each item is in the wrapper of messages that belong to another. */
  wrapped: z.boolean().default(false),
})

/** Messages that belong together; each item names the first one in `messageContextInfo.messageAssociation`. */
export const albumWords = {
  album: severalWord(album, async ({ images, videos, wrapped }, context) => {
    if (images.length + videos.length === 0) throw new Error('an album of neither images nor videos')
    const pictures = await Promise.all(
      images.map(async (image) => ({ imageMessage: await imageMessage(image, context) })),
    )
    const films = await Promise.all(
      videos.map(async (video) => ({ videoMessage: await videoMessage(video, context) })),
    )
    return {
      message: {
        albumMessage: { expectedImageCount: images.length, expectedVideoCount: videos.length },
      },
      items: (parent) =>
        [...pictures, ...films].map((item, index) =>
          belonging(wrapped ? { associatedChildMessage: { message: item } } : item, {
            associationType: AssociationType.MEDIA_ALBUM,
            parentMessageKey: parent,
            messageIndex: index,
          }),
        ),
    }
  }),
  /** A picture, and the same in full size: that one is for companions and phones that want it. */
  hdImage: severalWord(file, async (options, context) =>
    withTwin(
      { imageMessage: await imageMessage(options, context) },
      { imageMessage: await imageMessage(options, context) },
      AssociationType.HD_IMAGE_DUAL_UPLOAD,
    ),
  ),
  hdVideo: severalWord(file, async (options, context) =>
    withTwin(
      { videoMessage: await videoMessage(options, context) },
      { videoMessage: await videoMessage(options, context) },
      AssociationType.HD_VIDEO_DUAL_UPLOAD,
    ),
  ),
  /** A picture, and the video of the moment it was taken in. */
  livePhoto: severalWord(file, async ({ data, ...options }, context) =>
    withTwin(
      { imageMessage: await imageMessage({ data, ...options }, context) },
      { videoMessage: await videoMessage({}, context) },
      AssociationType.MOTION_PHOTO,
    ),
  ),
}

/** Which of two each is, by the kind of pair. */
const PAIRS = {
  [AssociationType.HD_IMAGE_DUAL_UPLOAD]: [PairedMediaType.SD_IMAGE_PARENT, PairedMediaType.HD_IMAGE_CHILD],
  [AssociationType.HD_VIDEO_DUAL_UPLOAD]: [PairedMediaType.SD_VIDEO_PARENT, PairedMediaType.HD_VIDEO_CHILD],
  [AssociationType.MOTION_PHOTO]: [PairedMediaType.MOTION_PHOTO_PARENT, PairedMediaType.MOTION_PHOTO_CHILD],
}

function withTwin(
  message: proto.IMessage,
  twin: proto.IMessage,
  associationType: keyof typeof PAIRS & number,
): Saying {
  const [first, second] = PAIRS[associationType]
  const child = withInfo(twin, { pairedMediaType: second })
  return {
    message: withInfo(message, { pairedMediaType: first }),
    items: (parentMessageKey) => [
      belonging({ associatedChildMessage: { message: child } }, { associationType, parentMessageKey }),
    ],
  }
}

/** What a message belongs to is said outside of its wrapper (WhatsApp Web). */
function belonging(message: proto.IMessage, messageAssociation: proto.IMessageAssociation): proto.IMessage {
  return { ...message, messageContextInfo: { messageAssociation } }
}
