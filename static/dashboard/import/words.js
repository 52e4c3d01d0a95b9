import { loadWords } from '../../language.js'

/** A sentence of the import. */
export const words = await loadWords(import.meta.url)
