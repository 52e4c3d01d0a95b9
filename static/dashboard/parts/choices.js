import { setText } from '../../page.js'
import { element } from './dom.js'

/**
 * A few buttons beside each other, of which one is chosen.
 * @param {object} given
 * @param {string} given.label of all of them
 * @param {Record<string, string>} given.options what each value is called; the first one is chosen
 * @param {(value: string) => void} given.onChange called when another one was pressed
 * @returns {{element: HTMLElement, value: () => string, name: (value: string, text: string) => void}}
 *   `name` calls a value something else
 */
export function createChoices({ label, options, onChange }) {
  let chosen = Object.keys(options)[0]
  const buttons = new Map(Object.keys(options).map((value) => [value, button(value)]))

  function button(value) {
    return element('button', {
      type: 'button',
      className: 'choice',
      textContent: options[value],
      aria: { pressed: String(value === chosen) },
      on: { click: () => choose(value) },
    })
  }

  function choose(value) {
    if (value === chosen) return
    chosen = value
    for (const [own, made] of buttons) made.setAttribute('aria-pressed', String(own === value))
    onChange(value)
  }

  return {
    element: element(
      'div',
      { className: 'choices', attributes: { role: 'group' }, aria: { label } },
      ...buttons.values(),
    ),
    value: () => chosen,
    name: (value, text) => setText(buttons.get(value), text),
  }
}
