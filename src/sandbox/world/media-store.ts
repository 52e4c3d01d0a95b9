import { createHash, createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { savedBytes } from '../saved/shapes.ts'
import { unixSeconds } from './node.ts'

/** Encrypted files are kept up to this much in total; the oldest go first. */
const CAPACITY_BYTES = 256 * 1024 * 1024
/** How long an address can be used; then another has to be asked for, though the file may still be there. */
const ADDRESS_SECONDS = 21 * 24 * 60 * 60
/** What `media_conn` gives clients to show to the host. */
export const MEDIA_AUTH = 'sandbox'
/** Where the host keeps files; the second part differs from kind to kind, and nobody reads it. */
const FOLDER = '/v/t62.7118-24/'

/** Where a file can be fetched. */
export interface StoredMedia {
  /** Full address; the client accepts it only under this host name and reaches it through `clientOptions`. */
  url: string
  /** Path and query. Clients put `&hash=...` behind it, so the query is a part (whatsmeow 2026-09-21). */
  directPath: string
  /** What the upload is called. */
  handle: string
}

/** What the host has under an address, or why it gives nothing. */
export type Found = { file: Buffer } | { refused: 403 | 404; reason: string }

/** Files are saved up to this much in total, the newest. */
const SAVED_BYTES = 64 * 1024 * 1024

/** The files as they are saved, oldest first, and what seals their addresses. */
export const savedMedia = z.object({
  secret: savedBytes,
  handles: z.array(z.string()),
  files: z.array(savedBytes),
})

/** The files of the media host, in memory. They are already encrypted when they arrive. */
export class MediaStore {
  /** The name clients are given for the host. The real one is redirected by `clientOptions`; others have to be reachable over TLS. */
  hostname = 'mmg.whatsapp.net'
  /** The files of channels, by what their uploads are called. They are not encrypted. */
  readonly handles = new Set<string>()
  readonly #files = new Map<string, Buffer>()
  #secret: Uint8Array = randomBytes(32)
  #totalBytes = 0

  /** Keeps a file under the URL-safe hash of its bytes; `validSeconds` is how long the address can be used. */
  put(file: Uint8Array, validSeconds = ADDRESS_SECONDS): StoredMedia {
    const handle = handleOf(file)
    const path = `${FOLDER}${handle}`
    this.#keep(path, file)
    const expiry = (unixSeconds() + validSeconds).toString(16).toUpperCase()
    const directPath = `${path}?ccb=11-4&oh=${this.#seal(path, expiry)}&oe=${expiry}&_nc_sid=5e03e0`
    return { url: `https://${this.hostname}${directPath}&mms3=true`, directPath, handle }
  }

  /** The bytes under a direct path (query string ignored). */
  get(directPath: string): Buffer | undefined {
    return this.#files.get(withoutQuery(directPath))
  }

  /**
   * What the host answers a download. The seal of an address covers path and expiry; `hash`, where a client names one,
   * is that of the encrypted file.
   */
  find(path: string, query: URLSearchParams): Found {
    const file = this.#files.get(path)
    if (!file) return { refused: 404, reason: 'Not Found' }
    const expiry = query.get('oe') ?? ''
    if (query.get('oh') !== this.#seal(path, expiry))
      return { refused: 403, reason: 'URL signature mismatch' }
    if (Number.parseInt(expiry, 16) < unixSeconds()) return { refused: 403, reason: 'URL signature expired' }
    const hash = query.get('hash')
    if (hash && urlSafe(hash) !== path.slice(FOLDER.length)) return { refused: 404, reason: 'Not Found' }
    return { file }
  }

  /** The bytes of every file. */
  files(): Iterable<Buffer> {
    return this.#files.values()
  }

  /** Removes a file, as the service does some weeks after the upload; says whether there was one. */
  expire(directPath: string): boolean {
    const file = this.get(directPath)
    if (!file) return false
    this.#files.delete(withoutQuery(directPath))
    this.#totalBytes -= file.byteLength
    return true
  }

  toJson(): z.input<typeof savedMedia> {
    let left = SAVED_BYTES
    const files = [...this.#files.values()].toReversed().filter(({ byteLength }) => {
      left -= byteLength
      return left >= 0
    })
    return { secret: this.#secret, handles: [...this.handles], files: files.toReversed() }
  }

  /** Takes over what was saved, so that addresses of then are good still. */
  load({ secret, handles, files }: z.output<typeof savedMedia>): void {
    this.#secret = secret
    for (const handle of handles) this.handles.add(handle)
    for (const file of files) this.#keep(`${FOLDER}${handleOf(file)}`, file)
  }

  #keep(path: string, file: Uint8Array): void {
    if (this.#files.has(path)) return
    this.#files.set(path, Buffer.from(file))
    this.#totalBytes += file.byteLength
    this.#evict()
  }

  #seal(path: string, expiry: string): string {
    const seal = createHmac('sha256', this.#secret).update(`${path} ${expiry}`).digest('base64url')
    return `01_${seal}`
  }

  #evict(): void {
    for (const path of this.#files.keys()) {
      if (this.#totalBytes <= CAPACITY_BYTES) return
      this.expire(path)
    }
  }
}

/** What the upload of these bytes is called. */
function handleOf(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('base64url')
}

function withoutQuery(directPath: string): string {
  return directPath.split('?')[0] ?? ''
}

/** A hash in the form of paths: URL-safe and without padding. */
export function urlSafe(hash: string): string {
  return Buffer.from(hash, 'base64').toString('base64url')
}
