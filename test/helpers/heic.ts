import { execFileSync } from 'node:child_process'

/** A HEIC as phones write them: four tiles of one colour, cut to `width` × `height` and turned a quarter to the left. */
export function heic(colours: [string, string, string, string], [width, height]: [number, number]): Buffer {
  const tiles = colours.map((colour) => unitsOf(tile(colour)))
  const grid = Buffer.from([0, 0, 1, 1, width >> 8, width & 255, height >> 8, height & 255])
  const items = [...tiles.map((units) => withLengths(units.filter(isPicture))), grid]
  const types = ['hvc1', 'hvc1', 'hvc1', 'hvc1', 'grid']
  const tables = (start: number) => {
    let at = start
    const places = items.flatMap(({ length }, index) => {
      at += length
      return [u16(index + 1), u16(0), u16(1), u32(at - length), u32(length)]
    })
    const infos = types.map((type, index) =>
      full('infe', 2, u16(index + 1), u16(0), Buffer.from(`${type}\0`)),
    )
    // Properties by number: the setup of the decoder, the size of a tile, that of the picture, a quarter turn.
    const properties = box(
      'ipco',
      setupOf(tiles[0] ?? []),
      size(64, 64),
      size(width, height),
      box('irot', Buffer.from([1])),
    )
    const used = [1, 2, 3, 4].map((item) => Buffer.concat([u16(item), Buffer.from([2, 0x81, 2])]))
    const owned = Buffer.concat([u32(5), ...used, u16(5), Buffer.from([2, 3, 0x84])])
    return full(
      'meta',
      0,
      full('hdlr', 0, u32(0), Buffer.from('pict'), Buffer.alloc(13)),
      full('pitm', 0, u16(5)),
      full('iloc', 0, Buffer.from([0x44, 0]), u16(5), ...places),
      full('iinf', 0, u16(5), ...infos),
      full('iref', 0, box('dimg', u16(5), u16(4), u16(1), u16(2), u16(3), u16(4))),
      box('iprp', properties, full('ipma', 0, owned)),
    )
  }
  const kind = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic'))
  const start = kind.length + tables(0).length + 8
  return Buffer.concat([kind, tables(start), box('mdat', ...items)])
}

function tile(colour: string): Buffer {
  const source = ['-f', 'lavfi', '-i', `color=${colour}:size=64x64`, '-frames:v', '1', '-pix_fmt', 'yuv420p']
  const codec = ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-f', 'hevc', 'pipe:1']
  return execFileSync('ffmpeg', ['-loglevel', 'error', ...source, ...codec])
}

/** The units between the start codes of a raw stream. */
function unitsOf(stream: Buffer): Buffer[] {
  const units = stream.toString('latin1').split('\0\0\x01').slice(1)
  // A start code may have one zero more, and no unit ends with one.
  return units.map((unit) => Buffer.from(unit.endsWith('\0') ? unit.slice(0, -1) : unit, 'latin1'))
}

const kindOf = (unit: Buffer) => ((unit[0] ?? 0) >> 1) & 63
const isPicture = (unit: Buffer) => kindOf(unit) < 32

function setupOf(units: Buffer[]): Buffer {
  const sets = [32, 33, 34].map((kind) => units.find((unit) => kindOf(unit) === kind) ?? Buffer.alloc(0))
  const arrays = sets.flatMap((set) => [Buffer.from([kindOf(set)]), u16(1), u16(set.length), set])
  const head = Buffer.alloc(23)
  head[21] = 3
  head[22] = 3
  return box('hvcC', head, ...arrays)
}

const withLengths = (units: Buffer[]) => Buffer.concat(units.flatMap((unit) => [u32(unit.length), unit]))
const size = (width: number, height: number) => full('ispe', 0, u32(width), u32(height))

function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([u32(body.length + 8), Buffer.from(type), body])
}

function full(type: string, version: number, ...content: Buffer[]): Buffer {
  return box(type, Buffer.from([version, 0, 0, 0]), ...content)
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
