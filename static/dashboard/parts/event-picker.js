import { words } from '../words.js'
import { element, freshId } from './dom.js'
import { EVENT_GROUPS } from './event-groups.js'

/** A choice of events: all of them, or some, by what they are about. */
export function createEventPicker() {
  const boxes = new Map()
  const all = checkbox('All', words('allEvents'), words('allEventsHint'))
  const groups = element(
    'div',
    { className: 'event-groups' },
    EVENT_GROUPS.map(({ about, names }) =>
      element(
        'fieldset',
        {},
        element('legend', { textContent: words(about) }),
        names.map((name) => {
          const { line, box } = checkbox(name, name)
          boxes.set(name, box)
          return line
        }),
      ),
    ),
  )
  all.box.addEventListener('change', showGroups)

  function showGroups() {
    groups.hidden = all.box.checked
  }

  return {
    element: element(
      'fieldset',
      { className: 'event-picker' },
      element('legend', { textContent: words('events') }),
      all.line,
      groups,
    ),
    /** The chosen names as the server knows them; `All` alone stands for every one. */
    get names() {
      if (all.box.checked) return ['All']
      return [...boxes].filter(([, box]) => box.checked).map(([name]) => name)
    },
    set names(names) {
      all.box.checked = names.includes('All')
      for (const [name, box] of boxes) box.checked = names.includes(name)
      showGroups()
    },
  }
}

function checkbox(value, text, hint) {
  const id = freshId('event')
  const box = element('input', { type: 'checkbox', id, value })
  const label = element('label', { htmlFor: id, textContent: text })
  const line = element(
    'div',
    { className: 'check' },
    box,
    label,
    hint && element('span', { className: 'hint', textContent: hint }),
  )
  return { box, line }
}
