import { RequestFailure } from '../api.js'

/** Larger files become too large for a request when they are written as text. */
const MAX_BYTES = 64 * 1024 * 1024

/** Reads a chosen file, or a sample of this page when none was chosen, as a data URL. */
export async function dataUrlOf(file, sample) {
  const blob = file ?? (await fetchSample(sample))
  if (blob.size > MAX_BYTES) throw new RequestFailure(413, 'the file is too large')
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => resolve(reader.result))
    reader.addEventListener('error', () => reject(reader.error))
    reader.readAsDataURL(blob)
  })
}

async function fetchSample(name) {
  const response = await fetch(new URL(`samples/${name}`, import.meta.url))
  return response.blob()
}
