import type { proto } from '../../whatsapp/library/engine.ts'
import { audioMessage, file, imageMessage, uploadFile, videoMessage } from './file.ts'
import { word } from './word.ts'

/** Files. */
export const mediaWords = {
  image: word(file, async (options, context) => {
    const message = { imageMessage: await imageMessage(options, context) }
    return options.viewOnce ? { viewOnceMessageV2: { message } } : message
  }),
  video: word(file, async (options, context) => {
    const message = { videoMessage: await videoMessage(options, context) }
    return options.viewOnce ? { viewOnceMessageV2: { message } } : message
  }),
  audio: word(file, async (options, context) => {
    const message = { audioMessage: await audioMessage(options, context) }
    // The wrapper of recordings is younger than that of pictures.
    return options.viewOnce ? { viewOnceMessageV2Extension: { message } } : message
  }),
  /** A round video that was recorded in the chat. */
  videoNote: word(file, async (options, context) => ({ ptvMessage: await videoMessage(options, context) })),
  document: word(file, async (options, context): Promise<proto.IMessage> => {
    const { media, mimetype } = await uploadFile('document', options, context)
    const { caption, fileName = 'document.pdf' } = options
    const documentMessage = { ...media, mimetype, caption, fileName, title: fileName }
    // A captioned document travels inside an envelope of its own.
    if (!caption) return { documentMessage }
    return { documentWithCaptionMessage: { message: { documentMessage } } }
  }),
}
