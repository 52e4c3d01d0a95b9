import { setText, whileBusy } from '../../page.js'
import { element } from '../parts/dom.js'
import { words } from './words.js'

/** What can be done about a call: the key of its words, when, and what it does. */
const BUTTONS = [
  {
    name: 'answer',
    className: 'primary',
    isFor: (call) => rings(call),
    press: (phone, { id }) => phone.answer(id),
  },
  {
    name: 'reject',
    className: 'danger',
    isFor: (call) => rings(call),
    press: (phone, { id }) => phone.reject(id),
  },
  {
    name: 'talkHere',
    className: 'primary',
    isFor: (call, phone) => !rings(call) && !takesPart(call, phone),
    press: (phone, { id }) => phone.join(id),
  },
  {
    name: 'mute',
    nameFor: ({ sound }) => (sound.isMuted ? 'unmute' : 'mute'),
    isFor: ({ state, sound }) => state === 'active' && sound !== undefined,
    press: (phone, { id, sound }) => phone.mute(id, !sound.isMuted),
  },
  {
    name: 'hangUp',
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
 * @param {string[]} [given.names] which there can be
 */
export function createCallButtons({ phone, rest, names = BUTTONS.map(({ name }) => name) }) {
  let shown
  const buttons = BUTTONS.filter(({ name }) => names.includes(name)).map((button) => {
    const control = element('button', {
      type: 'button',
      className: button.className ?? '',
      textContent: words(button.name),
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
      for (const { control, isFor, nameFor } of buttons) {
        control.hidden = !isFor(call, phone)
        if (!control.hidden && nameFor) setText(control, words(nameFor(call)))
      }
      if (focused?.control.hidden) rest.focus()
    },
  }
}
