import { phoneOf } from '../../states.js'
import { words } from './words.js'

/** `60 KB`, `1.5 MB`. */
export function sizeText(bytes) {
  if (bytes < 1024 * 1024) return words('kilobytes', { count: Math.ceil(bytes / 1024) })
  const megabytes = bytes / 1024 / 1024
  const count = megabytes < 10 ? Math.round(megabytes * 10) / 10 : Math.round(megabytes)
  return words('megabytes', { count })
}

/** The number of a device, or that there is none. */
export function numberText(device) {
  return device === '' ? words('noLinkedPhone') : phoneOf(device)
}

/** What comes of a user besides its settings, as a sentence. */
export function takenText(taken) {
  const kinds = Object.entries(taken).map(([kind, count]) => words('kind', { kind, count }))
  return kinds.length === 0 ? words('taken') : words('takenMore', { kinds: kinds.join(', ') })
}
