import { createChoices } from '../parts/choices.js'
import { element } from '../parts/dom.js'
import { words } from './words.js'

/**
 * Which users are listed: all, or those that need attention. Hidden while nobody needs it.
 * @param {() => void} onChange called when something else was chosen
 */
export function createAttentionFilter({ onChange }) {
  const choices = createChoices({
    label: words('show'),
    options: { all: words('showAll'), attention: '' },
    onChange,
  })
  const calm = element('p', { className: 'hint', textContent: words('allWell'), hidden: true })

  return {
    element: element('div', {}, choices.element, calm),
    /** Those that are to be listed. */
    choose(users) {
      const needing = users.filter(({ attention }) => attention.length > 0)
      const isNarrow = choices.value() === 'attention'
      // Whoever looks at those that need attention stays there until the last one is mended, and is told so.
      choices.element.hidden = needing.length === 0 && !isNarrow
      choices.name('attention', words('showAttention', { count: needing.length }))
      calm.hidden = !isNarrow || needing.length > 0
      return isNarrow ? needing : users
    },
  }
}
