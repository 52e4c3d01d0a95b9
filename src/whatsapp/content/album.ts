import { type MessageName, messageKey } from '../../lib/message-ref.ts'
import { proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'

/** How many pictures and videos follow. */
export interface AlbumContent extends ContextInput {
  images: number
  videos: number
}

/** What goes ahead of an album; phones show the items that name it as one, and wait for as many as it says. */
export function albumContent({ images, videos, ...context }: AlbumContent): Content {
  return {
    message: {
      albumMessage: {
        expectedImageCount: images,
        expectedVideoCount: videos,
        ...contextInfo(context),
      },
    },
  }
}

const { MEDIA_ALBUM } = proto.MessageAssociation.AssociationType

/** A message with a picture or video as a part of an own album. */
export function albumItem(message: proto.IMessage, album: MessageName): proto.IMessage {
  const parentMessageKey = messageKey({ ...album, fromMe: true, author: '' })
  return {
    ...message,
    messageContextInfo: { messageAssociation: { associationType: MEDIA_ALBUM, parentMessageKey } },
  }
}
