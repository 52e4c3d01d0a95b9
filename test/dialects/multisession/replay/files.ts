import sharp from 'sharp'
import { sampleFile } from '../../../../src/sandbox/world/samples.ts'

/** The bytes of a file as the recording describes it. */
export async function bytesOf(content: string): Promise<Uint8Array> {
  const kind = content.replace(/[ ,].*$/, '')
  switch (kind) {
    case 'JPEG':
      return picture('jpeg')
    case 'PNG':
      return picture('png')
    case 'WebP':
      return picture('webp')
    case 'GIF':
      return picture('gif')
    case 'MP4':
      return (await sampleFile('video')).bytes
    case 'Ogg':
      return (await sampleFile('audio')).bytes
    case 'PDF':
      return Buffer.from('%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n')
    case 'HTML':
      return Buffer.from('<!doctype html><html><body>page</body></html>')
    case 'ID3':
      return Buffer.concat([Buffer.from('ID3\x03\0\0\0\0\0\0', 'latin1'), Buffer.alloc(64)])
    case 'RIFF':
      return Buffer.concat([Buffer.from('RIFF\x40\0\0\0WAVEfmt ', 'latin1'), Buffer.alloc(64)])
    case 'empty':
      return Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)])
    case 'CSV':
      return Buffer.from('a,b\n1,2\n')
    case '0':
      return Buffer.alloc(0)
    default:
      return Buffer.from('just text')
  }
}

function picture(format: 'jpeg' | 'png' | 'webp' | 'gif'): Promise<Buffer> {
  const create = { width: 64, height: 64, channels: 3 as const, background: '#3366cc' }
  return sharp({ create }).toFormat(format).toBuffer()
}
