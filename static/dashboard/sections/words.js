import { loadWords } from '../../language.js'

/** A sentence of the sections of a user. */
export const words = await loadWords(import.meta.url)
