import { loadWords } from '../../language.js'

/** A sentence of the events as they happen. */
export const words = await loadWords(import.meta.url)
