import { byId, setText } from '../../page.js'
import { element } from '../parts/dom.js'
import { userAddress } from '../route.js'
import { createCallButtons } from './call-buttons.js'
import { describeCall } from './call-texts.js'
import { words } from './words.js'

/** What can be done without the view of the call. */
const BUTTONS = ['answer', 'reject', 'talkHere', 'mute', 'hangUp']

/**
 * The notice of a call above whatever view is open: the one this browser talks in, else the first that rings here.
 * @param {HTMLElement} place
 */
export function createCallBar(place) {
  let shown

  /** Made anew for another call: what its buttons do belongs to that call. */
  function open({ phone, call, id }) {
    const title = element('p', { className: 'state' })
    const problem = element('p', { className: 'notice' })
    const link = element('a', { href: userAddress(id, 'calls'), textContent: words('openCall') })
    const buttons = createCallButtons({ phone, names: BUTTONS, rest: link })
    place.replaceChildren(
      element(
        'div',
        { className: 'call-bar-line' },
        element('div', {}, title, problem),
        element('div', { className: 'actions' }, buttons.elements, link),
      ),
    )
    return { key: keyOf(id, call), title, problem, buttons }
  }

  function close() {
    const hadFocus = place.contains(document.activeElement)
    shown = undefined
    place.replaceChildren()
    if (hadFocus) byId('main').focus({ preventScroll: true })
  }

  return {
    show(users) {
      const found = users.flatMap(({ id, name, phone }) => {
        const call =
          phone.calls.find((one) => one.id === phone.part.callId) ?? phone.calls.find((one) => rings(one))
        return call ? [{ id, name, phone, call }] : []
      })[0]
      place.hidden = !found
      if (!found) return close()
      const { id, name, phone, call } = found
      if (shown?.key !== keyOf(id, call)) shown = open(found)
      const { look, title } = describeCall(call)
      place.dataset.call = look
      setText(shown.title, name ? `${title} (${name})` : title)
      const text = phone.problem.callId === call.id ? phone.problem.text : ''
      setText(shown.problem, text)
      shown.problem.className = `notice ${text && 'bad'}`
      shown.buttons.show(call)
    },
  }
}

function rings({ direction, state }) {
  return direction === 'incoming' && state === 'ringing'
}

function keyOf(id, call) {
  return `${id} ${call.id}`
}
