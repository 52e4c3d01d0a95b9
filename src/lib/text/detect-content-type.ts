/** A signature: the bytes at the start, `undefined` where any byte will do. */
interface Signature {
  bytes: (number | undefined)[]
  type: string
}

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0))
const any = (count: number) => Array<undefined>(count).fill(undefined)

// The table and its order are those of Go's net/http sniffing (WHATWG MIME Sniffing).
const SIGNATURES: Signature[] = [
  { bytes: ascii('%PDF-'), type: 'application/pdf' },
  { bytes: ascii('%!PS-Adobe-'), type: 'application/postscript' },
  { bytes: [0xfe, 0xff, undefined, undefined], type: 'text/plain; charset=utf-16be' },
  { bytes: [0xff, 0xfe, undefined, undefined], type: 'text/plain; charset=utf-16le' },
  { bytes: [0xef, 0xbb, 0xbf, undefined], type: 'text/plain; charset=utf-8' },
  { bytes: [0x00, 0x00, 0x01, 0x00], type: 'image/x-icon' },
  { bytes: [0x00, 0x00, 0x02, 0x00], type: 'image/x-icon' },
  { bytes: ascii('BM'), type: 'image/bmp' },
  { bytes: ascii('GIF87a'), type: 'image/gif' },
  { bytes: ascii('GIF89a'), type: 'image/gif' },
  // Go also wants the `VP` that follows in every real file.
  { bytes: [...ascii('RIFF'), ...any(4), ...ascii('WEBP')], type: 'image/webp' },
  { bytes: [0x89, ...ascii('PNG'), 0x0d, 0x0a, 0x1a, 0x0a], type: 'image/png' },
  { bytes: [0xff, 0xd8, 0xff], type: 'image/jpeg' },
  { bytes: [...ascii('FORM'), ...any(4), ...ascii('AIFF')], type: 'audio/aiff' },
  { bytes: ascii('ID3'), type: 'audio/mpeg' },
  { bytes: [...ascii('OggS'), 0x00], type: 'application/ogg' },
  { bytes: [...ascii('MThd'), 0x00, 0x00, 0x00, 0x06], type: 'audio/midi' },
  { bytes: [...ascii('RIFF'), ...any(4), ...ascii('AVI ')], type: 'video/avi' },
  { bytes: [...ascii('RIFF'), ...any(4), ...ascii('WAVE')], type: 'audio/wave' },
]

const LATER_SIGNATURES: Signature[] = [
  { bytes: [0x1a, 0x45, 0xdf, 0xa3], type: 'video/webm' },
  { bytes: [...any(34), ...ascii('LP')], type: 'application/vnd.ms-fontobject' },
  { bytes: [0x00, 0x01, 0x00, 0x00], type: 'font/ttf' },
  { bytes: ascii('OTTO'), type: 'font/otf' },
  { bytes: ascii('ttcf'), type: 'font/collection' },
  { bytes: ascii('wOFF'), type: 'font/woff' },
  { bytes: ascii('wOF2'), type: 'font/woff2' },
  { bytes: [0x1f, 0x8b, 0x08], type: 'application/x-gzip' },
  { bytes: [...ascii('PK'), 0x03, 0x04], type: 'application/zip' },
  { bytes: [...ascii('Rar!'), 0x1a, 0x07, 0x00], type: 'application/x-rar-compressed' },
  { bytes: [...ascii('Rar!'), 0x1a, 0x07, 0x01, 0x00], type: 'application/x-rar-compressed' },
  { bytes: [0x00, ...ascii('asm')], type: 'application/wasm' },
]

const HTML_STARTS = [
  '<!DOCTYPE HTML',
  '<HTML',
  '<HEAD',
  '<SCRIPT',
  '<IFRAME',
  '<H1',
  '<DIV',
  '<FONT',
  '<TABLE',
  '<A',
  '<STYLE',
  '<TITLE',
  '<B',
  '<BODY',
  '<BR',
  '<P',
  '<!--',
]
const SNIFFED_BYTES = 512

/** The type of a file by its first bytes, as Go's `http.DetectContentType` names it. */
export function detectContentType(file: Uint8Array): string {
  const head = Buffer.from(file.subarray(0, SNIFFED_BYTES))
  return (
    markupType(head) ??
    typeBySignature(SIGNATURES, head) ??
    (isMp4(head) ? 'video/mp4' : undefined) ??
    typeBySignature(LATER_SIGNATURES, head) ??
    (isBinary(head) ? 'application/octet-stream' : 'text/plain; charset=utf-8')
  )
}

function typeBySignature(signatures: Signature[], head: Buffer): string | undefined {
  return signatures.find(
    ({ bytes }) =>
      head.length >= bytes.length && bytes.every((byte, at) => byte === undefined || byte === head[at]),
  )?.type
}

// Tags count only when a space or `>` follows, so that `<Base64` is not taken for `<B`.
function markupType(head: Buffer): string | undefined {
  const text = head.toString('latin1').replace(/^[\t\n\f\r ]+/, '')
  const upper = text.toUpperCase()
  const isHtml = HTML_STARTS.some(
    (start) => upper.startsWith(start) && [' ', '>'].includes(upper.charAt(start.length)),
  )
  if (isHtml) return 'text/html; charset=utf-8'
  return text.startsWith('<?xml') ? 'text/xml; charset=utf-8' : undefined
}

// An MP4 says so in the brands of its first box; `M4A ` is not among them, so voice recordings stay unknown.
function isMp4(head: Buffer): boolean {
  if (head.length < 12) return false
  const boxSize = head.readUInt32BE(0)
  if (head.length < boxSize || boxSize % 4 !== 0 || head.toString('latin1', 4, 8) !== 'ftyp') return false
  for (let at = 8; at < boxSize; at += 4) {
    // Between the brands stands the version number, which is none.
    if (at !== 12 && head.toString('latin1', at, at + 3) === 'mp4') return true
  }
  return false
}

function isBinary(head: Buffer): boolean {
  return head.some(
    (byte) =>
      byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f),
  )
}
