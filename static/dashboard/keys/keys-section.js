import { element } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { poll } from '../parts/poll.js'
import { createShownOnce } from '../parts/shown-once.js'
import { createKeyRows, endOf, LASTS_FIELD } from './key-rows.js'
import { words } from './words.js'

const PATH = 'parley/me/keys'
const PAUSE_MS = 5_000

/** The keys of a user that may do less than its token: which there are, a new one, one less. */
export function openKeys({ askUser, onUnknownToken }) {
  const fresh = createShownOnce({ label: words('newKey'), what: words('key'), notice: () => form.notice })
  const form = createForm({
    fields: [
      {
        name: 'name',
        label: words('name'),
        required: true,
        hint: words('nameHint'),
        input: { maxLength: 255 },
      },
      {
        name: 'power',
        label: words('power'),
        kind: 'choice',
        options: [
          ['read', words('read')],
          ['send', words('send')],
        ],
      },
      LASTS_FIELD,
    ],
    submit: words('make'),
    run: make,
    before: [element('p', { className: 'hint', textContent: words('about') })],
    buttons: [fresh.copyButton],
  })
  form.element.insertBefore(fresh.output, form.notice)
  const rows = createKeyRows({
    label: words('keys'),
    none: words('none'),
    detailOf: ({ power }) => words(power),
    question: ({ name }) => ({ title: words('removeTitle', { name }), text: words('removeText') }),
    remove: (key) =>
      askUser(`${PATH}/${encodeURIComponent(key.id)}`, { method: 'DELETE' }).then(() => polling.now()),
    attempt: form.attempt,
  })
  const polling = poll({ look, notice: form.notice, onUnknownToken })

  async function look(signal) {
    const { keys } = await askUser(PATH, { signal })
    rows.show(keys)
    return PAUSE_MS
  }

  async function make({ name, power, days }) {
    const { key } = await askUser(PATH, { method: 'POST', body: { name, power, expiresAt: endOf(days) } })
    fresh.show(key)
    form.fill({ name: '' })
    polling.now()
    return words('made')
  }

  return { elements: [form.element, ...rows.elements], close: () => polling.stop() }
}
