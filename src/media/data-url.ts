/** What stands before the comma of a data URL. */
export interface DataUrlHead {
  /** `type/subtype` in lower case, without parameters; `text/plain` when there is none (RFC 2397). */
  mediaType: string
  isBase64: boolean
  /** Number of characters up to and including the comma. */
  length: number
}

/** The text is no data URL, or what it holds cannot be decoded. */
export class DataUrlError extends Error {
  override readonly name = 'DataUrlError'
}

/** Reads the beginning of a data URL (RFC 2397). Throws DataUrlError. */
export function parseDataUrlHead(text: string): DataUrlHead {
  const comma = text.indexOf(',')
  const match = /^data:([^;,]*)((?:;[^;,]*)*)$/s.exec(text.slice(0, Math.max(0, comma)))
  const [, type = '', parameters = ''] = match ?? []
  if (!match) throw new DataUrlError('this is not a data URL')
  if (type !== '' && !/^[\w.+-]+\/[\w.+-]+$/.test(type)) throw new DataUrlError(`${type} is not a media type`)
  return {
    mediaType: type.toLowerCase() || 'text/plain',
    isBase64: /;base64$/.test(parameters),
    length: comma + 1,
  }
}

/** Decodes what stands behind the comma, in pieces of any size. Throws DataUrlError at the first mistake. */
export function decodeDataUrl(head: DataUrlHead, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  return head.isBase64 ? decodeBase64(pieces) : decodePercent(pieces)
}

// The original's decoder: the standard alphabet, padded, line feeds allowed and nothing else.
async function* decodeBase64(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = ''
  for await (const piece of pieces) {
    const text = rest + piece.toString('latin1').replaceAll('\n', '')
    // The last four characters may be padded, so they wait for the end.
    const length = Math.max(0, Math.floor((text.length - 1) / 4) * 4)
    const whole = text.slice(0, length)
    rest = text.slice(length)
    if (!/^[A-Za-z0-9+/]*$/.test(whole)) throw new DataUrlError('illegal base64 data')
    if (length > 0) yield Buffer.from(whole, 'base64')
  }
  if (!/^(?:[A-Za-z0-9+/]{2}(?:[A-Za-z0-9+/]{2}|[A-Za-z0-9+/]=|==))?$/.test(rest))
    throw new DataUrlError('illegal base64 data')
  yield Buffer.from(rest, 'base64')
}

async function* decodePercent(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = ''
  for await (const piece of pieces) {
    const text = rest + piece.toString('latin1')
    const cut = /%[0-9a-f]?$/i.exec(text)?.index ?? text.length
    rest = text.slice(cut)
    yield unescaped(text.slice(0, cut))
  }
  yield unescaped(rest)
}

function unescaped(text: string): Buffer {
  const bytes = text.replace(/%(.{0,2})/gs, (_escape, hex: string) => {
    if (!/^[0-9a-f]{2}$/i.test(hex)) throw new DataUrlError(`invalid URL escape "%${hex}"`)
    return String.fromCharCode(Number.parseInt(hex, 16))
  })
  return Buffer.from(bytes, 'latin1')
}
