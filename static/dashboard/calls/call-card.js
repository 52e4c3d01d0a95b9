import { setText } from '../../page.js'
import { element, freshId } from '../parts/dom.js'
import { createFacts } from '../parts/facts.js'
import { createCallButtons } from './call-buttons.js'
import { besides, clockOf, describeCall, describePart, describeSound, peerOf } from './call-texts.js'
import { words } from './words.js'

const METER_MS = 100

const FACTS = [
  { label: words('relays'), say: ({ relays }) => relays },
  { label: words('heard'), say: ({ heard }) => heard },
  { label: words('codec'), say: ({ codec }) => codec },
]

/** A call that goes on: who, how long, what can be done, how the sound is, and this browser's part in it. */
export function createCallCard({ phone }) {
  const title = element('h3', { className: 'state small-state', tabIndex: -1 })
  const number = element('span')
  const clock = element('span', { attributes: { role: 'timer' }, aria: { label: words('duration') } })
  const line = element('p', { className: 'hint call-line' }, number, clock)
  const more = element('p', { className: 'hint' })
  const part = element('p', { className: 'notice' })
  const problem = element('p', { className: 'notice' })
  const buttons = createCallButtons({ phone, rest: title })
  const spoken = createMeter(words('yourMicrophone'))
  const heard = createMeter(words('otherSide'))
  const meters = element('div', { className: 'call-meters', hidden: true }, spoken.elements, heard.elements)
  const facts = createFacts(FACTS)
  const card = element(
    'li',
    { className: 'card call-card call-state' },
    title,
    line,
    element('div', { className: 'actions' }, buttons.elements),
    problem,
    part,
    more,
    meters,
    facts.element,
  )
  let answeredAt
  let wasShown = false
  const ticking = setInterval(tick, METER_MS)

  /** Neither is read aloud: a voice that counts seconds could not be listened to. */
  function tick() {
    // The card goes when the call does, or another section is opened.
    if (wasShown && !card.isConnected) return clearInterval(ticking)
    wasShown = card.isConnected
    setText(clock, answeredAt === undefined ? '' : clockOf((performance.now() - answeredAt) / 1000))
    number.hidden = number.textContent === ''
    line.hidden = number.hidden && clock.textContent === ''
    if (meters.hidden) return
    const levels = phone.levels()
    spoken.show(levels.spoken)
    heard.show(levels.heard)
  }

  return {
    element: card,
    show(call) {
      const { look, title: text } = describeCall(call)
      const isHere = phone.part.callId === call.id
      card.dataset.call = look
      setText(title, text)
      setText(number, peerOf(call).number)
      // The clocks of server and browser differ, so only the time that went by is taken.
      answeredAt =
        call.answeredAt === undefined
          ? undefined
          : (answeredAt ?? performance.now() - (call.seconds ?? 0) * 1000)
      buttons.show(call)
      setNotice(part, isHere ? describePart(phone.part, call) : '', toneOf(phone.part))
      setNotice(problem, phone.problem.callId === call.id ? phone.problem.text : '', 'bad')
      setText(more, besides(call))
      more.hidden = more.textContent === ''
      meters.hidden = !(isHere && phone.hasVoice)
      facts.show(describeSound(call))
      tick()
    },
  }
}

function toneOf({ state }) {
  return ['interrupted', 'lost', 'unreachable', 'unplugged'].includes(state) ? 'bad' : ''
}

function setNotice(notice, text, tone) {
  setText(notice, text)
  notice.className = `notice ${text && tone}`
}

/** How loud it is, as a bar. */
function createMeter(label) {
  const id = freshId('level')
  const meter = element('meter', { id, min: 0, max: 1, value: 0 })
  return {
    elements: [element('label', { htmlFor: id, textContent: label }), meter],
    show(level) {
      meter.value = level
    },
  }
}
