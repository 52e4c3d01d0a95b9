import { phoneOf } from '../../states.js'

/** `60 KB`, `1.5 MB`. */
export function sizeText(bytes) {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KB`
  const megabytes = bytes / 1024 / 1024
  return `${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes)} MB`
}

/** The number of a device, or that there is none. */
export function numberText(device) {
  return device === '' ? 'No linked phone' : phoneOf(device)
}

/** What comes of a user besides its settings, as a sentence. */
export function takenText(taken) {
  const kinds = Object.entries(taken).map(([kind, count]) => `${kind}: ${count.toLocaleString()}`)
  return kinds.length === 0
    ? 'Its settings and its token.'
    : `Its settings and its token; ${kinds.join(', ')}.`
}
