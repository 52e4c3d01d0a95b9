import { setText, whileBusy } from '../../page.js'
import { element, momentText } from '../parts/dom.js'
import { createDetails } from './delivery-details.js'
import { receiverName, stateText, whereText } from './names.js'
import { words } from './words.js'

/**
 * One delivery: what the receiver is told, of whom, how that went, and a button that makes it again.
 * @param {object} given
 * @param {(id: string) => string} [given.nameOf] the user's name, where the deliveries of all are shown
 * @param {(id: string) => Promise<void>} given.resend
 */
export function createDeliveryRow({ id }, { source, resend, nameOf }) {
  const event = element('b')
  const state = element('span', { className: 'row-state' })
  const where = element('span', { className: 'row-target' })
  const text = element('span', { className: 'delivery-text' })
  const owner = nameOf && element('span', { className: 'row-account' })
  const target = element('span', { className: 'row-target' })
  const moment = element('time')
  const details = createDetails({ id, source })
  const again = element('button', { type: 'button', className: 'row-action' })
  again.addEventListener('click', () => whileBusy(again, () => resend(id)))
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, event, where, text, state),
    element('div', { className: 'row-name' }, owner, target, moment),
    again,
    details.element,
  )

  return {
    element: item,
    show(delivery) {
      item.dataset.delivery = delivery.state
      setText(event, delivery.event)
      setText(where, whereText(delivery))
      where.hidden = where.textContent === ''
      setText(text, delivery.text)
      text.hidden = delivery.text === ''
      setText(state, stateText(delivery))
      setText(target, receiverName(delivery.target))
      if (owner) setText(owner, nameOf(delivery.userId))
      setText(moment, momentText(delivery.createdAt))
      moment.dateTime = new Date(delivery.createdAt).toISOString()
      setText(again, words(delivery.state === 'pending' ? 'sendNow' : 'sendAgain'))
      again.setAttribute(
        'aria-label',
        words('whichOne', { what: again.textContent, event: delivery.event, moment: moment.textContent }),
      )
      again.hidden = delivery.state === 'pending' && delivery.attempts === 0
      details.show(delivery)
    },
  }
}
