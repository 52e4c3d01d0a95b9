import { advise } from '../../api.js'
import { sayIn, whileBusy } from '../../page.js'
import { words } from '../words.js'
import { element, noticeElement, progressElement } from './dom.js'
import { createField } from './fields.js'

/** Work shorter than this shows no bar: it would only flicker. */
const BAR_AFTER_MS = 300

/**
 * A form made from a list of fields.
 * @param {object} form
 * @param {import('./fields.js').Field[]} form.fields
 * @param {string} form.submit words of the button that sends it
 * @param {(values: object, tell: (text: string) => void) => Promise<string | (string | Node)[]>} form.run does the
 *   work and resolves to what to say; what it rejects with becomes advice. `tell` says how far long work is.
 * @param {() => Promise<void>} [form.load] fills the form first; until it has succeeded nothing can be changed or saved,
 *   so that neither what could not be read nor what is being written is overwritten
 * @param {Node[]} [form.before] shown above the fields
 * @param {Node[]} [form.buttons] shown beside the submit button
 */
export function createForm({ fields, submit, run, load, before = [], buttons = [] }) {
  let isLoaded = !load
  const made = Object.fromEntries(fields.map((field) => [field.name, createField(field)]))
  const notice = noticeElement()
  const bar = progressElement(submit)
  const button = element('button', { type: 'submit', className: 'primary', textContent: submit })
  const form = element(
    'form',
    { className: 'card stack' },
    before,
    Object.values(made).flatMap(({ elements }) => elements),
    element('div', { className: 'actions' }, button, buttons),
    bar,
    notice,
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void attempt(button, () => (isLoaded ? run(values(), tell) : loadFirst()))
  })
  // After the caller has the form, which its `load` fills.
  if (load) queueMicrotask(() => void attempt(button, loadFirst))

  async function loadFirst() {
    // What somebody writes meanwhile would be overwritten.
    for (const control of form.querySelectorAll('input:enabled, select:enabled, textarea:enabled')) {
      control.disabled = true
      control.dataset.waits = ''
    }
    try {
      await load()
    } catch (error) {
      button.textContent = words('tryAgain')
      button.formNoValidate = true
      throw error
    }
    button.textContent = submit
    button.formNoValidate = false
    isLoaded = true
    for (const control of form.querySelectorAll('[data-waits]')) {
      control.disabled = false
      delete control.dataset.waits
    }
  }

  function values() {
    return Object.fromEntries(Object.entries(made).map(([name, field]) => [name, field.value]))
  }

  function tell(text) {
    sayIn(notice, text, '')
  }

  /** Runs work of this form: shows that it runs, then what it resolves to or what to do about its failure. */
  function attempt(pressed, work) {
    return whileBusy(pressed, async () => {
      sayIn(notice, '')
      const showBar = setTimeout(() => (bar.hidden = false), BAR_AFTER_MS)
      try {
        const [text = '', ...more] = [await work()].flat()
        sayIn(notice, text, 'good')
        notice.append(...more)
      } catch (error) {
        sayIn(notice, advise(error))
      } finally {
        clearTimeout(showBar)
        bar.hidden = true
      }
    })
  }

  return {
    element: form,
    notice,
    button,
    fields: made,
    attempt,
    fill(given) {
      for (const [name, value] of Object.entries(given)) if (made[name]) made[name].value = value
    },
  }
}

/** A button beside a form's own, whose work is told about like the form's. */
export function sideButton(textContent, { className = '', ...properties } = {}) {
  return element('button', { type: 'button', textContent, className, ...properties })
}
