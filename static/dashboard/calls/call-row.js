import { setText } from '../../page.js'
import { element, momentText } from '../parts/dom.js'
import { clockOf, kindOf, peerOf, whyEnded } from './call-texts.js'
import { words } from './words.js'

/** A call of the last days as a line: with whom, which way, when, how long, and why it ended. */
export function createCallRow() {
  const who = element('b')
  const kind = element('span', { className: 'row-state' })
  const number = element('span', { className: 'row-account' })
  const time = element('time')
  const why = element('span', { className: 'row-webhook' })
  const item = element(
    'li',
    {},
    element('span', { className: 'mark', aria: { hidden: 'true' } }),
    element('div', { className: 'row-name' }, who, kind, number),
    time,
    why,
  )
  return {
    element: item,
    show(call) {
      const { who: name, number: phone } = peerOf(call)
      item.dataset.call = call.answeredAt === undefined ? 'untaken' : 'taken'
      setText(who, name)
      setText(kind, kindOf(call))
      setText(number, phone)
      number.hidden = phone === ''
      time.dateTime = new Date(call.startedAt).toISOString()
      const lasted = call.answeredAt !== undefined && call.seconds !== undefined
      const moment = momentText(call.startedAt)
      setText(time, lasted ? words('lasted', { moment, clock: clockOf(call.seconds) }) : moment)
      setText(why, whyEnded(call))
    },
  }
}
