import { loadWords } from '../../language.js'

/** A sentence of what shows JSON. */
export const words = await loadWords(import.meta.url)
