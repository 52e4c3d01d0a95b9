import { loadWords } from '../../language.js'

/** A sentence of the list of groups. */
export const words = await loadWords(import.meta.url)
