import sharp, { type Sharp } from 'sharp'

/** The kinds of media a contact can send. */
export type MediaKind = 'image' | 'video' | 'audio' | 'document' | 'sticker'

/** A file as a contact sends it. */
export interface MediaFile {
  bytes: Buffer
  mimetype: string
}

/** A small valid file of the given kind, made in code so that nobody needs sample files to try the sandbox. */
export async function sampleFile(kind: MediaKind): Promise<MediaFile> {
  return samples[kind]()
}

const samples: Record<MediaKind, () => MediaFile | Promise<MediaFile>> = {
  image: async () => ({ bytes: await square().jpeg().toBuffer(), mimetype: 'image/jpeg' }),
  sticker: async () => ({ bytes: await square().webp().toBuffer(), mimetype: 'image/webp' }),
  audio: () => ({ bytes: silentOgg(50), mimetype: 'audio/ogg; codecs=opus' }),
  video: () => ({ bytes: emptyMp4(), mimetype: 'video/mp4' }),
  document: () => ({ bytes: onePagePdf('Hello from the sandbox'), mimetype: 'application/pdf' }),
}

function square(): Sharp {
  const background = { r: 37, g: 211, b: 102 }
  return sharp({ create: { width: 64, height: 64, channels: 3, background } })
}

// Ogg (RFC 3533) with Opus (RFC 7845): the two header packets, then frames of 20 ms of silence.
const SILENT_OPUS_FRAME = Buffer.from([0xf8, 0xff, 0xfe])
const SAMPLES_PER_FRAME = 960

function silentOgg(frames: number): Buffer {
  const head = Buffer.concat([
    Buffer.from('OpusHead'),
    // version 1, one channel, no pre-skip, 48 kHz, no gain, mapping family 0
    Buffer.from([1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]),
  ])
  const vendor = Buffer.from('sandbox')
  const tags = Buffer.concat([Buffer.from('OpusTags'), uint32(vendor.length), vendor, uint32(0)])
  const silence = Array.from({ length: frames }, () => SILENT_OPUS_FRAME)
  return Buffer.concat([
    oggPage({ flags: 2, sequence: 0, granule: 0, packets: [head] }),
    oggPage({ flags: 0, sequence: 1, granule: 0, packets: [tags] }),
    oggPage({ flags: 4, sequence: 2, granule: frames * SAMPLES_PER_FRAME, packets: silence }),
  ])
}

function oggPage(page: { flags: number; sequence: number; granule: number; packets: Buffer[] }): Buffer {
  const header = Buffer.alloc(27)
  header.write('OggS')
  header.writeUInt8(page.flags, 5)
  header.writeBigUInt64LE(BigInt(page.granule), 6)
  header.writeUInt32LE(1, 14)
  header.writeUInt32LE(page.sequence, 18)
  header.writeUInt8(page.packets.length, 26)
  const lengths = Buffer.from(page.packets.map((packet) => packet.length))
  const bytes = Buffer.concat([header, lengths, ...page.packets])
  bytes.writeUInt32LE(oggChecksum(bytes), 22)
  return bytes
}

/** CRC-32 with polynomial 0x04c11db7, neither reflected nor inverted (RFC 3533, section 6). */
function oggChecksum(bytes: Buffer): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 24
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  }
  return crc >>> 0
}

/** An MP4 (ISO 14496-12) of one second that has a movie header and no tracks. */
function emptyMp4(): Buffer {
  const movieHeader = Buffer.alloc(100)
  movieHeader.writeUInt32BE(1000, 12) // time scale
  movieHeader.writeUInt32BE(1000, 16) // duration
  movieHeader.writeUInt32BE(0x00010000, 20) // normal rate
  movieHeader.writeUInt16BE(0x0100, 24) // full volume
  for (const [offset, value] of [
    [36, 0x00010000],
    [52, 0x00010000],
    [68, 0x40000000],
  ] as const) {
    movieHeader.writeUInt32BE(value, offset) // the identity matrix
  }
  movieHeader.writeUInt32BE(1, 96) // next track id
  const brands = Buffer.from('isom\0\0\x02\0isommp41')
  return Buffer.concat([mp4Box('ftyp', brands), mp4Box('moov', mp4Box('mvhd', movieHeader))])
}

function mp4Box(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(content.length + 8)
  header.write(type, 4)
  return Buffer.concat([header, content])
}

function onePagePdf(text: string): Buffer {
  const drawing = `BT /F1 18 Tf 20 100 Td (${text}) Tj ET`
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${drawing.length}>>\nstream\n${drawing}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ]
  let body = '%PDF-1.4\n'
  let table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const [index, object] of objects.entries()) {
    table += `${String(body.length).padStart(10, '0')} 00000 n \n`
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
  }
  const trailer = `trailer\n<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${body.length}\n%%EOF\n`
  return Buffer.from(body + table + trailer, 'latin1')
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
