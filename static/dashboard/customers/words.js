import { loadWords } from '../../language.js'

/** A sentence of the customers. */
export const words = await loadWords(import.meta.url)
