import { loadWords } from '../../language.js'

/** A sentence of the sign-in and the first steps. */
export const words = await loadWords(import.meta.url)
