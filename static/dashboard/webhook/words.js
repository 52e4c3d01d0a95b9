import { loadWords } from '../../language.js'

/** A sentence of the settings of a webhook. */
export const words = await loadWords(import.meta.url)
