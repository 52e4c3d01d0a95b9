import { loadWords } from '../../language.js'

/** A sentence of the logins. */
export const words = await loadWords(import.meta.url)
