import { loadWords } from '../../language.js'

/** A sentence of the list of users, and of what leads from it to their health. */
export const words = await loadWords(import.meta.url)
