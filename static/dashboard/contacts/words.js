import { loadWords } from '../../language.js'

/** A sentence of the list of contacts. */
export const words = await loadWords(import.meta.url)
