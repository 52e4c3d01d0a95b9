import { words } from '../words.js'
import { element, freshId } from './dom.js'

/**
 * One line of a form. What all kinds share: `name` is the key of its value, `label` and `hint` are read by people.
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {string} [hint]
 * @property {keyof typeof KINDS} [kind] `text` when absent
 * @property {boolean} [required]
 * @property {[string, string][]} [options] of a `choice`: value and words
 * @property {object} [input] further properties of the input: `placeholder`, `min`, `accept`
 */

/**
 * The kinds of field: how each is made, and how its value is read (`read`) and set (`write`).
 * `text` kinds give text, `number` a number or undefined, `lines` a list, `file` a File or undefined.
 */
const KINDS = {
  text: textual('text'),
  url: textual('url'),
  tel: textual('tel'),
  secret: textual('password'),
  number: {
    make: (field) => input('number', field),
    read: (control) => (control.value === '' ? undefined : control.valueAsNumber),
    write: (control, value) => (control.value = value ?? ''),
  },
  area: {
    make: (field) => element('textarea', { rows: 4, ...field.input }),
    read: (control) => control.value,
    write: (control, value) => (control.value = value ?? ''),
  },
  lines: {
    make: (field) => element('textarea', { rows: 3, ...field.input }),
    read: (control) =>
      control.value
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    write: (control, value) => (control.value = (value ?? []).join('\n')),
  },
  choice: {
    make: (field) =>
      element(
        'select',
        {},
        field.options.map(([value, text]) => new Option(text, value)),
      ),
    read: (control) => control.value,
    write: (control, value) => (control.value = value ?? ''),
  },
  check: {
    make: (field) => input('checkbox', field),
    read: (control) => control.checked,
    write: (control, value) => (control.checked = Boolean(value)),
  },
  file: {
    make: (field) => input('file', field),
    read: (control) => control.files[0],
    write: (control) => (control.value = ''),
  },
}

function textual(type) {
  return {
    make: (field) => input(type, field),
    read: (control) => control.value.trim(),
    write: (control, value) => (control.value = value ?? ''),
  }
}

function input(type, field) {
  return element('input', {
    type,
    autocomplete: type === 'password' ? 'new-password' : 'off',
    autocapitalize: 'off',
    spellcheck: false,
    ...field.input,
  })
}

/** Makes one field: the elements to show, its control, and its value. */
export function createField(field) {
  const kind = KINDS[field.kind ?? 'text']
  const id = freshId(field.name)
  const control = kind.make(field)
  control.id = id
  control.required = Boolean(field.required)
  const hint = field.hint && element('p', { className: 'hint', id: `${id}-hint`, textContent: field.hint })
  if (hint) control.setAttribute('aria-describedby', hint.id)
  const label = element('label', { htmlFor: id, textContent: field.label })
  const isCheck = field.kind === 'check'
  const line = isCheck
    ? element('div', { className: 'check' }, control, label)
    : field.kind === 'secret'
      ? element('div', { className: 'joined' }, control, revealButton(control, field.label))
      : control

  return {
    elements: [!isCheck && label, line, hint].filter(Boolean),
    control,
    get value() {
      return kind.read(control)
    },
    set value(value) {
      kind.write(control, value)
    },
  }
}

/** Shows a secret while it is being typed, and hides it again. */
function revealButton(control, label) {
  const button = element('button', {
    type: 'button',
    textContent: words('show'),
    aria: { label: words('showWhat', { label }) },
  })
  button.addEventListener('click', () => {
    const hidden = control.type === 'password'
    control.type = hidden ? 'text' : 'password'
    button.textContent = words(hidden ? 'hide' : 'show')
    button.setAttribute('aria-label', words(hidden ? 'hideWhat' : 'showWhat', { label }))
  })
  return button
}
