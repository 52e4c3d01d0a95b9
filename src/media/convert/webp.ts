/** What a phone shows of the pack a sticker belongs to. */
export interface StickerPack {
  id: string
  name: string
  publisher: string
  emojis: string[]
}

/** A part of a WebP file (RIFF): four letters and content. */
interface Chunk {
  type: string
  content: Buffer
}

const ANIMATION_FLAG = 0x02
const EXIF_FLAG = 0x08
const ALPHA_FLAG = 0x10

/** Whether a WebP file is an animation, by its extended header. */
export function isAnimatedWebp(webp: Buffer): boolean {
  const header = chunksOf(webp).find(({ type }) => type === 'VP8X')
  return ((header?.content[0] ?? 0) & ANIMATION_FLAG) !== 0
}

/**
 * The same sticker with the description of its pack, the way official clients read it: as JSON in the EXIF part. A file
 * that is not understood is returned as it is, because a sticker without a pack is still a sticker.
 */
export function withPack(webp: Buffer, pack: StickerPack): Buffer {
  const chunks = chunksOf(webp).filter(({ type }) => type !== 'EXIF')
  const header = extendedHeader(chunks)
  if (!header) return webp
  const rest = chunks.filter(({ type }) => type !== 'VP8X')
  return riff([{ type: 'VP8X', content: header }, ...rest, { type: 'EXIF', content: packExif(pack) }])
}

/** The extended header (RFC 9649 §2.7) with the EXIF flag; made from the picture's own when there is none yet. */
function extendedHeader(chunks: Chunk[]): Buffer | undefined {
  const existing = chunks.find(({ type, content }) => type === 'VP8X' && content.length >= 10)
  const header = existing ? Buffer.from(existing.content) : newHeader(chunks)
  if (header) header[0] = (header[0] ?? 0) | EXIF_FLAG
  return header
}

function newHeader(chunks: Chunk[]): Buffer | undefined {
  const picture = chunks.find(({ type }) => type === 'VP8 ' || type === 'VP8L')
  if (!picture || picture.content.length < 10) return undefined
  const { width, height, hasAlpha } =
    picture.type === 'VP8L' ? lossless(picture.content) : lossy(picture.content)
  const header = Buffer.alloc(10)
  header[0] = hasAlpha ? ALPHA_FLAG : 0
  header.writeUIntLE(width - 1, 4, 3)
  header.writeUIntLE(height - 1, 7, 3)
  return header
}

/** RFC 9649 §3.4: after a signature byte, 14 bits of width - 1, 14 of height - 1, one for alpha. */
function lossless(content: Buffer) {
  const bits = content.readUInt32LE(1)
  return {
    width: (bits & 0x3fff) + 1,
    height: ((bits >>> 14) & 0x3fff) + 1,
    hasAlpha: ((bits >>> 28) & 1) === 1,
  }
}

/** RFC 6386 §9.1: after a frame tag and a start code of three bytes each, 14 bits of width and of height. */
function lossy(content: Buffer) {
  return {
    width: content.readUInt16LE(6) & 0x3fff,
    height: content.readUInt16LE(8) & 0x3fff,
    hasAlpha: false,
  }
}

/** A TIFF of one entry, tag 0x5741 ("WA"), whose value is the JSON behind it. */
function packExif({ id, name, publisher, emojis }: StickerPack): Buffer {
  const json = Buffer.from(
    JSON.stringify({
      'sticker-pack-id': id,
      'sticker-pack-name': name,
      'sticker-pack-publisher': publisher,
      emojis,
    }),
  )
  const head = Buffer.from('49492a00080000000100415707000000000016000000', 'hex')
  head.writeUInt32LE(json.length, 14)
  return Buffer.concat([head, json])
}

/** The parts of a WebP file; none when it is not one. */
function chunksOf(webp: Buffer): Chunk[] {
  if (webp.toString('latin1', 0, 4) !== 'RIFF' || webp.toString('latin1', 8, 12) !== 'WEBP') return []
  const chunks: Chunk[] = []
  for (let at = 12; at + 8 <= webp.length; ) {
    const length = webp.readUInt32LE(at + 4)
    chunks.push({
      type: webp.toString('latin1', at, at + 4),
      content: webp.subarray(at + 8, at + 8 + length),
    })
    // Every part begins at an even place.
    at += 8 + length + (length % 2)
  }
  return chunks
}

function riff(chunks: Chunk[]): Buffer {
  const parts = chunks.flatMap(({ type, content }) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32LE(content.length, 4)
    return [head, content, Buffer.alloc(content.length % 2)]
  })
  const body = Buffer.concat([Buffer.from('WEBP'), ...parts])
  const head = Buffer.alloc(8)
  head.write('RIFF')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}
