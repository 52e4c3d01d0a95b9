// The inside of the thread that `pdf.ts` starts. It is JavaScript because a thread is started from a file, which runs as it is in
// every way the server is started.

import { readFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { PDFiumLibrary } from '@hyzyla/pdfium'

const { path, side, memoryBytes } = workerData
const WASM_PAGE_BYTES = 65_536

limitMemory()
parentPort.postMessage(await look())

/** What a file asks for beyond the limit it does not get, and the renderer gives up; V8 would give it two gigabytes. */
function limitMemory() {
  const { grow } = WebAssembly.Memory.prototype
  WebAssembly.Memory.prototype.grow = function growWithin(pages) {
    if (this.buffer.byteLength + pages * WASM_PAGE_BYTES > memoryBytes) throw new RangeError('too large')
    return grow.call(this, pages)
  }
}

async function look() {
  const library = await PDFiumLibrary.init()
  const document = await library.loadDocument(await readFile(path))
  const pages = document.getPageCount()
  const page = document.getPage(0)
  const { originalWidth, originalHeight } = page.getOriginalSize()
  const scale = side / Math.max(originalWidth, originalHeight)
  const { data, width, height } = await page.render({ scale, render: async (picture) => picture.data })
  return { pages, picture: { pixels: Uint8Array.from(data), width, height } }
}
