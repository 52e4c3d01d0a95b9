import { toDataURL } from 'qrcode'

const SIDE_PX = 256

/** A QR text as a PNG data URL, 256 pixels wide with medium error correction, as wuzapi draws it. */
export function qrImage(text: string): Promise<string> {
  return toDataURL(text, { width: SIDE_PX, errorCorrectionLevel: 'M', margin: 2 })
}
