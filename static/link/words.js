import { loadWords } from '../language.js'

/** A sentence of the page of linking. */
export const words = await loadWords(import.meta.url)
