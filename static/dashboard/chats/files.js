/** Fetches that run at once; the others wait for their turn. */
const AT_ONCE = 4

/** Pictures the browser draws as pixels. Not SVG, which is a document. */
const PICTURES = /^image\/(jpeg|png|gif|webp|avif|bmp)$/

/**
 * Files as addresses that elements of the page can show. The server gives them for a header only, so they are fetched
 * here, once each, and forgotten when closed.
 * @param {(key: string, signal: AbortSignal) => Promise<Blob>} fetchFile
 * @param {number} max how many are kept; the one that was asked for longest ago goes first
 */
export function createFiles(fetchFile, max = 300) {
  const closing = new AbortController()
  const kept = new Map()
  const waiting = []
  let running = 0

  function start() {
    while (running < AT_ONCE && waiting.length > 0) {
      running += 1
      const { work, resolve, reject } = waiting.shift()
      work()
        .then(resolve, reject)
        .finally(() => {
          running -= 1
          start()
        })
    }
  }

  function inTurn(work) {
    return new Promise((resolve, reject) => {
      waiting.push({ work, resolve, reject })
      start()
    })
  }

  async function load(key) {
    const blob = await inTurn(() => fetchFile(key, closing.signal))
    return { blob, url: URL.createObjectURL(blob) }
  }

  function forget(key) {
    const file = kept.get(key)
    kept.delete(key)
    void file?.then(({ url }) => URL.revokeObjectURL(url)).catch(() => {})
  }

  return {
    /** The file of this key and its address, as `{blob, url}`. What failed is fetched again at the next call. */
    get(key) {
      const known = kept.get(key)
      if (known) return known
      const file = load(key)
      kept.set(key, file)
      file.catch(() => kept.get(key) === file && kept.delete(key))
      if (kept.size > max) forget(kept.keys().next().value)
      return file
    },
    close() {
      closing.abort()
      for (const { reject } of waiting.splice(0)) reject(new DOMException('closed', 'AbortError'))
      for (const key of [...kept.keys()]) forget(key)
    },
  }
}

/** Whether the browser shows a file of this type as a picture. */
export function isPicture(type) {
  return PICTURES.test(type.split(';')[0].trim().toLowerCase())
}
