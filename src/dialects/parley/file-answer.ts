/** What browsers show without running anything in it. A picture may be a program, as SVG is: only these are shown. */
const SHOWN =
  /^(?:image\/(?:jpeg|png|gif|webp|avif|heic)|(?:video|audio)\/[a-z0-9][a-z0-9.+-]{0,63}(?:; ?codecs=[\w.,"-]{1,60})?)$/i
/** What may be named and is saved; whoever sends a file says whatever they like about it. */
const NAMED = /^(?:application\/(?:pdf|zip|msword|vnd\.[a-z0-9.+-]{1,100})|text\/(?:plain|csv))$/i

/** The content type that a file is answered with. */
export function fileType(mimeType: string): string {
  return SHOWN.test(mimeType) || NAMED.test(mimeType) ? mimeType : 'application/octet-stream'
}

/** The headers that keep a file from being anything but a file. */
export function fileHeaders({
  mimeType,
  fileName,
}: {
  mimeType: string
  fileName: string
}): Record<string, string> {
  const way = SHOWN.test(mimeType) ? 'inline' : 'attachment'
  // Names without what a path, a header or a shell could read; RFC 6266 has the whole one beside it.
  const plain = fileName.replace(/[^\w .()-]/g, '_')
  const whole = encodeURIComponent(fileName.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return {
    'Content-Disposition': `${way}; filename="${plain}"; filename*=UTF-8''${whole}`,
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cache-Control': 'private, max-age=3600',
  }
}
