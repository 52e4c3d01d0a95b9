import { loadWords } from '../../language.js'

/** A sentence of the deliveries. */
export const words = await loadWords(import.meta.url)
