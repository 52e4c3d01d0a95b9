import { loadWords } from '../../language.js'

/** A sentence of the keys of a user. */
export const words = await loadWords(import.meta.url)
