import { BoundedCache } from '../flow/bounded-cache.ts'

// A page asks for the image every second or so while a code is shown for 20 to 60; drawing it takes milliseconds each time.
const images = new BoundedCache<string, Promise<string>>({ max: 200 })

/** A QR code as `data:image/png;base64,…`, 256 pixels wide, medium error correction; '' for an empty text. */
export async function qrImage(text: string): Promise<string> {
  if (text === '') return ''
  const known = images.get(text)
  if (known) return known
  const image = drawn(text)
  images.set(text, image)
  return image
}

async function drawn(text: string): Promise<string> {
  const { toDataURL } = await import('qrcode')
  return toDataURL(text, { width: 256, errorCorrectionLevel: 'M' })
}

/** The same picture as the bytes of its PNG; empty for an empty text. */
export async function qrPng(text: string): Promise<Buffer> {
  const [, base64 = ''] = (await qrImage(text)).split(',')
  return Buffer.from(base64, 'base64')
}
