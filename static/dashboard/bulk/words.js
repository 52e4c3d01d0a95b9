import { loadWords } from '../../language.js'

/** A sentence of the bulk jobs. */
export const words = await loadWords(import.meta.url)
