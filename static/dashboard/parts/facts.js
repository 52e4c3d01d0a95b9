import { setText } from '../../page.js'
import { element } from './dom.js'

/**
 * What is known of something, one line each.
 * @param {{label: string, say: (thing: object) => string, beside?: Node}[]} facts
 */
export function createFacts(facts) {
  const lines = facts.map((fact) => ({ ...fact, value: element('span') }))

  return {
    element: element(
      'dl',
      { className: 'facts' },
      lines.map(({ label, value, beside }) =>
        element('div', {}, element('dt', { textContent: label }), element('dd', {}, value, beside)),
      ),
    ),
    show(thing) {
      for (const { say, value } of lines) setText(value, say(thing))
    },
  }
}
