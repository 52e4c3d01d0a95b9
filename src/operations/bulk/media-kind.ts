/** What phones show as what it is; everything else is a document. */
const KINDS: Record<string, 'image' | 'video' | 'audio'> = {
  jpg: 'image',
  jpeg: 'image',
  png: 'image',
  webp: 'image',
  gif: 'image',
  mp4: 'video',
  mov: 'video',
  '3gp': 'video',
  mp3: 'audio',
  ogg: 'audio',
  opus: 'audio',
  m4a: 'audio',
  aac: 'audio',
  wav: 'audio',
}

/** As what the file at an address is sent, by what its name ends with. */
export function kindOfFile(address: string): 'image' | 'video' | 'audio' | 'document' {
  const extension = nameOfFile(address).split('.').at(-1)?.toLowerCase() ?? ''
  return (Object.hasOwn(KINDS, extension) && KINDS[extension]) || 'document'
}

/** The last part of an address's path, as people read it. */
export function nameOfFile(address: string): string {
  const name = new URL(address).pathname.split('/').at(-1) || 'file'
  try {
    return decodeURIComponent(name)
  } catch {
    // Not everybody encodes addresses as they should be.
    return name
  }
}
