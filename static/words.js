import { loadWords } from './language.js'

/** A sentence that all pages share. */
export const words = await loadWords(import.meta.url)
