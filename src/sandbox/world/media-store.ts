import { createHash } from 'node:crypto'

/** Encrypted files are kept up to this much in total; the oldest go first. */
const CAPACITY_BYTES = 256 * 1024 * 1024

/** Where a file can be fetched. */
export interface StoredMedia {
  /** Full address; the client accepts it only under this host name and reaches it through `clientOptions`. */
  url: string
  directPath: string
}

/** The files of the media host, in memory. They are already encrypted when they arrive. */
export class MediaStore {
  /** The name clients are given for the host. The real one is redirected by `clientOptions`; others have to be reachable over TLS. */
  hostname = 'mmg.whatsapp.net'
  /** The files of channels, by what their uploads are called. They are not encrypted. */
  readonly handles = new Set<string>()
  readonly #files = new Map<string, Buffer>()
  #totalBytes = 0

  /** Keeps a file under the URL-safe hash of its bytes. */
  put(file: Uint8Array): StoredMedia {
    const hash = createHash('sha256').update(file).digest('base64url')
    const directPath = `/v/${hash}`
    if (!this.#files.has(directPath)) {
      this.#files.set(directPath, Buffer.from(file))
      this.#totalBytes += file.byteLength
      this.#evict()
    }
    return { url: `https://${this.hostname}${directPath}`, directPath }
  }

  /** The bytes under a direct path (query string ignored). */
  get(directPath: string): Buffer | undefined {
    return this.#files.get(directPath.split('?')[0] ?? '')
  }

  /** The bytes of every file. */
  files(): Iterable<Buffer> {
    return this.#files.values()
  }

  /** Removes a file, as the service does some weeks after the upload. */
  expire(directPath: string): void {
    const file = this.get(directPath)
    if (!file) return
    this.#files.delete(directPath.split('?')[0] ?? '')
    this.#totalBytes -= file.byteLength
  }

  #evict(): void {
    for (const path of this.#files.keys()) {
      if (this.#totalBytes <= CAPACITY_BYTES) return
      this.expire(path)
    }
  }
}
