const KEY_BYTES = 32

/** What a companion shows for the phone to scan. */
export interface LinkingCode {
  ref: string
  identityKey: Buffer
  advSecret: Buffer
}

/**
 * Reads a linking QR text: `ref,noise,identity,secret`, since 2026 followed by one character for the kind of companion
 * and preceded by `https://wa.me/settings/linked_devices#` (whatsmeow 2026-09-21). It is split from the right: base64 has
 * no comma, a ref may.
 */
export function parseQr(qr: string): LinkingCode {
  const parts = qr.slice(qr.indexOf('#') + 1).split(',')
  // Only the kind of companion is no key; some clients leave it empty.
  if (!isKey(parts.at(-1))) parts.pop()
  const keys = parts.splice(-3)
  const [, identityKey, advSecret] = keys.map((part) => Buffer.from(part, 'base64'))
  if (!keys.every(isKey) || !identityKey || !advSecret || parts.length === 0) {
    throw new Error('not a WhatsApp linking QR code')
  }
  return { ref: parts.join(','), identityKey, advSecret }
}

function isKey(part: string | undefined): boolean {
  return part !== undefined && Buffer.from(part, 'base64').length === KEY_BYTES
}
