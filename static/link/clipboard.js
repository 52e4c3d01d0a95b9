import { byId, say } from '../page.js'
import { words } from './words.js'

/** Copies the text of a field; where the browser does not allow it, the text stays selected to be copied by hand. */
export async function copyFrom(id, { notice, done }) {
  const field = byId(id)
  try {
    await navigator.clipboard.writeText(field.value)
  } catch {
    field.focus()
    field.select()
    // Pages without https have no clipboard; browsers still know this way.
    if (!document.execCommand('copy')) return say(notice, words('copyFailed'), '')
  }
  say(notice, words(done), 'good')
}
