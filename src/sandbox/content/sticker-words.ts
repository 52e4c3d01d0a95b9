import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { sampleFile } from '../world/samples.ts'
import { file, uploadFile } from './file.ts'
import { type ContentContext, word } from './word.ts'
import { zip } from './zip.ts'

/** What animated vector stickers are announced as: an archive with a Lottie animation in it. */
const LOTTIE = 'application/was'
const NOTHING_MOVES = { v: '5.5.2', fr: 30, ip: 0, op: 30, w: 512, h: 512, layers: [] }

const pack = z.object({
  name: z.string(),
  publisher: z.string().default('Sandbox'),
  description: z.string().optional(),
  caption: z.string().optional(),
  /** Emojis of each sticker; there are as many stickers. */
  emojis: z
    .array(z.array(z.string()))
    .min(1)
    .default([['🙂'], ['🎉'], ['👍']]),
})

/** Stickers, and packs of them. */
export const stickerWords = {
  sticker: word(file, async (options, context) => {
    const { media, mimetype } = await uploadFile('sticker', options, context)
    return { stickerMessage: { ...media, mimetype } }
  }),
  /** A sticker drawn by an animation. */
  lottieSticker: word(file, async ({ data, mimetype = LOTTIE }, context) => {
    const bytes = data === undefined ? lottieArchive() : Buffer.from(data, 'base64')
    const stickerMessage = {
      ...(await context.upload(bytes, 'sticker')),
      mimetype,
      isAnimated: true,
      isLottie: true,
      height: 512,
      width: 512,
    }
    return { lottieStickerMessage: { message: { stickerMessage } } }
  }),
  stickerPack: word(pack, async ({ name, publisher, description, caption, emojis }, context) => {
    const stickers = emojis.map((meant, index) => ({
      fileName: `${index}.webp`,
      isAnimated: false,
      emojis: meant,
      isLottie: false,
      mimetype: 'image/webp',
    }))
    const { url: _url, ...media } = await uploadPack(
      stickers.map(({ fileName }) => fileName),
      context,
    )
    return {
      stickerPackMessage: {
        ...media,
        stickerPackId: randomUUID(),
        name,
        publisher,
        packDescription: description,
        caption,
        stickers,
        trayIconFileName: 'tray.png',
        stickerPackSize: media.fileLength,
        stickerPackOrigin: 2,
      },
    }
  }),
}

function lottieArchive(): Buffer {
  return zip({ 'animation/animation.json': Buffer.from(JSON.stringify(NOTHING_MOVES)) })
}

async function uploadPack(names: string[], context: ContentContext) {
  const { bytes } = await sampleFile('sticker')
  const files = [...names, 'tray.png'].map((name) => [name, bytes])
  return context.upload(zip(Object.fromEntries(files)), 'sticker-pack')
}
