import { setText, whileBusy } from '../../page.js'
import { element } from '../parts/dom.js'

/** What can be done about a call: the words, when, and what it does. */
const BUTTONS = [
  {
    words: 'Answer',
    className: 'primary',
    isFor: (call) => rings(call),
    press: (phone, { id }) => phone.answer(id),
  },
  {
    words: 'Reject',
    className: 'danger',
    isFor: (call) => rings(call),
    press: (phone, { id }) => phone.reject(id),
  },
  {
    words: 'Talk here',
    className: 'primary',
    isFor: (call, phone) => !rings(call) && !takesPart(call, phone),
    press: (phone, { id }) => phone.join(id),
  },
  {
    words: 'Mute',
    wordsFor: ({ sound }) => (sound.isMuted ? 'Unmute' : 'Mute'),
    isFor: ({ state, sound }) => state === 'active' && sound !== undefined,
    press: (phone, { id, sound }) => phone.mute(id, !sound.isMuted),
  },
  {
    words: 'Hang up',
    className: 'danger',
    isFor: (call) => !rings(call),
    press: (phone, { id }) => phone.hangUp(id),
  },
]

function rings({ state, direction }) {
  return state === 'ringing' && direction === 'incoming'
}

/** Whether this browser is in the call, or on its way there. */
function takesPart({ id }, { part }) {
  return part.callId === id && ['asking', 'connecting', 'connected', 'interrupted'].includes(part.state)
}

/**
 * The buttons of a call; only those are there that make sense as it stands.
 * @param {object} given
 * @param {HTMLElement} given.rest takes the focus of a button that goes. It is no button: a key that is held would press it
 * @param {string[]} [given.words] which there can be
 */
export function createCallButtons({ phone, rest, words = BUTTONS.map((button) => button.words) }) {
  let shown
  const buttons = BUTTONS.filter((button) => words.includes(button.words)).map((button) => {
    const control = element('button', {
      type: 'button',
      className: button.className ?? '',
      textContent: button.words,
      hidden: true,
    })
    control.addEventListener('click', () => whileBusy(control, () => button.press(phone, shown)))
    return { ...button, control }
  })

  return {
    elements: buttons.map(({ control }) => control),
    show(call) {
      shown = call
      const focused = buttons.find(({ control }) => control === document.activeElement)
      for (const { control, isFor, wordsFor } of buttons) {
        control.hidden = !isFor(call, phone)
        if (!control.hidden && wordsFor) setText(control, wordsFor(call))
      }
      if (focused?.control.hidden) rest.focus()
    },
  }
}
