import { loadWords } from '../language.js'

/** A sentence of the pages of documentation. */
export const words = await loadWords(import.meta.url)
