import { copy, setText } from '../../page.js'
import { words } from '../words.js'
import { element } from './dom.js'
import { sideButton } from './form.js'

/**
 * A secret that the server tells only once, and a button that copies it; both hidden until there is one.
 * @param {object} given
 * @param {string} given.label what it is called where it is read aloud
 * @param {string} given.what how it is called when it was copied
 * @param {() => HTMLElement} given.notice where that is said
 */
export function createShownOnce({ label, what, notice }) {
  const output = element('output', { className: 'new-secret', hidden: true, aria: { label } })
  const copyButton = sideButton(words('copy'), {
    hidden: true,
    onclick: () => copy(output.textContent, what, notice()),
  })

  return {
    output,
    copyButton,
    /** An empty text takes it away. */
    show(secret) {
      setText(output, secret)
      output.hidden = secret === ''
      copyButton.hidden = secret === ''
    },
  }
}
