import { loadWords } from '../../language.js'

/** A sentence of the calls. */
export const words = await loadWords(import.meta.url)
