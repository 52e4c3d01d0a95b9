import { loadWords } from '../../language.js'

/** A sentence about how a user, or the server, is doing. */
export const words = await loadWords(import.meta.url)
