import { loadWords } from '../language.js'

/** A sentence of the console's views and what they have in common. */
export const words = await loadWords(import.meta.url)
