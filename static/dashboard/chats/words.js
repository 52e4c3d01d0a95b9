import { loadWords } from '../../language.js'

/** A sentence of the chats. */
export const words = await loadWords(import.meta.url)
