import { advise } from '../api.js'
import { sayIn, setText, whileBusy } from '../page.js'
import { element } from './parts/dom.js'
import { words } from './words.js'

/** Buttons by the names states.js gives them, the keys of their words, and what each does. */
const BUTTONS = [
  { name: 'connect', label: 'connect', does: 'connect', className: 'primary' },
  { name: 'cancel', label: 'stopWaiting', does: 'disconnect' },
  { name: 'disconnect', label: 'disconnect', does: 'disconnect' },
  { name: 'logout', label: 'logOut', does: 'logout', className: 'danger' },
]

/** The buttons beside a user's name; only those that make sense in its state are there. */
export function createActions({ notice, run, showLinking }) {
  const goOn = element('button', {
    type: 'button',
    className: 'primary',
    hidden: true,
    on: { click: showLinking },
  })
  const buttons = BUTTONS.map(({ name, label, does, className = '' }) => {
    const button = element('button', { type: 'button', className, textContent: words(label), hidden: true })
    button.addEventListener('click', () => whileBusy(button, () => attempt(does)))
    return { name, button }
  })

  async function attempt(what) {
    sayIn(notice, '')
    try {
      await run(what)
    } catch (error) {
      sayIn(notice, advise(error))
    }
  }

  return {
    element: element(
      'p',
      { className: 'actions' },
      goOn,
      buttons.map(({ button }) => button),
    ),
    /** Does what the button of this name does, and tells what went wrong. */
    press: attempt,
    /** `linking`: what the button says that shows the linking under way; nothing where there is none. */
    show(names, { linking }) {
      goOn.hidden = !linking
      setText(goOn, linking ?? '')
      for (const { name, button } of buttons) button.hidden = !names.includes(name)
    },
  }
}
