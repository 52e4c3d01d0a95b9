import { loadWords } from '../../language.js'

/** A sentence of the keys that sign webhooks. */
export const words = await loadWords(import.meta.url)
