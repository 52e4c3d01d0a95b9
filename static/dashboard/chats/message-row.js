import { advise } from '../../api.js'
import { setText, whileBusy } from '../../page.js'
import { element } from '../parts/dom.js'
import { contentElements } from './message-parts.js'
import { lineOf, reasonText, stateText, writerOf } from './message-words.js'
import { createReactionPicker, reactionElements } from './reactions.js'
import { fullMoment, timeText } from './times.js'
import { words } from './words.js'

/** What of a message is drawn as a whole: a file that plays must not be drawn again because somebody has read it. */
const CONTENT = ['text', 'deleted', 'media', 'quoted', 'poll', 'location', 'contact', 'call']

/** As much of a message as is read aloud where somebody passes by. */
const MAX_SPOKEN = 500

/**
 * One message of a conversation.
 * @param {object} actions
 * @param {boolean} actions.maySend
 * @param {(message: object) => Promise<{blob: Blob, url: string}>} actions.fileOf
 * @param {(id: string) => void} actions.jumpTo shows another message
 * @param {(message: object) => void} actions.reply
 * @param {(message: object, emoji: string) => Promise<void>} actions.react
 * @param {(message: object) => Promise<void>} actions.sendAgain
 */
export function createMessageRow(actions) {
  const sender = element('p', { className: 'sender', dir: 'auto' })
  const content = element('div', { className: 'message-content' })
  const moment = element('time')
  const marks = element('span')
  const state = element('span', { className: 'message-state' })
  const reason = element('p', { className: 'message-reason' })
  const again = element('button', { type: 'button', className: 'small', textContent: words('sendAgain') })
  const failure = element('div', { className: 'message-failure', hidden: true }, reason, again)
  const reactions = element('ul', {
    className: 'reactions',
    hidden: true,
    aria: { label: words('reactions') },
  })
  const reply = element('button', { type: 'button', className: 'small', textContent: words('reply') })
  const react = element('button', {
    type: 'button',
    className: 'small',
    textContent: words('react'),
    aria: { expanded: 'false' },
  })
  const tools = element('div', { className: 'message-tools' }, reply, react)
  const picking = element('div', { hidden: true })
  const row = element(
    'li',
    { className: 'message', tabIndex: -1 },
    element(
      'div',
      { className: 'bubble' },
      sender,
      content,
      element('p', { className: 'message-meta' }, marks, moment, state),
      failure,
      tools,
    ),
    reactions,
    picking,
  )
  let shown
  let drawn = ''

  reply.addEventListener('click', () => actions.reply(shown))
  react.addEventListener('click', () => (picking.hidden ? openPicker() : closePicker()))
  again.addEventListener('click', () =>
    whileBusy(again, async () => {
      try {
        await actions.sendAgain(shown)
      } catch (error) {
        setText(reason, advise(error))
      }
    }),
  )

  function openPicker() {
    const picker = createReactionPicker({
      own: shown.reactions?.find(({ fromMe }) => fromMe)?.emoji,
      react: (emoji) => actions.react(shown, emoji),
      close: closePicker,
    })
    picking.replaceChildren(picker.element)
    picking.hidden = false
    react.setAttribute('aria-expanded', 'true')
    picking.scrollIntoView({ block: 'nearest' })
    picker.focus()
  }

  function closePicker() {
    const hadFocus = picking.contains(document.activeElement)
    picking.hidden = true
    picking.replaceChildren()
    react.setAttribute('aria-expanded', 'false')
    if (hadFocus) row.focus()
  }

  function drawContent(message) {
    const now = JSON.stringify(CONTENT.map((part) => message[part]))
    if (now === drawn) return
    drawn = now
    content.replaceChildren(...contentElements(message, actions).filter(Boolean))
  }

  function showState(message) {
    const { fromMe, deleted, edited, forwarded } = message
    const status = message.state?.status
    const isFailed = status === 'failed'
    row.className = `message ${fromMe ? 'mine' : 'theirs'}${isFailed ? ' failed' : ''}`
    row.dataset.state = status ?? ''
    const noted = [forwarded && words('forwarded'), edited && !deleted && words('edited')].filter(Boolean)
    setText(marks, noted.join(', '))
    // What failed says so itself, with the reason.
    setText(state, deleted || isFailed ? '' : stateText(message.state))
    failure.hidden = !isFailed
    if (isFailed) setText(reason, reasonText(message.state))
    again.hidden = !actions.maySend || Boolean(message.state?.isRepeated)
    // Nothing can refer to what WhatsApp does not have.
    const isThere = !deleted && status !== 'sending' && !isFailed
    tools.hidden = !actions.maySend || !isThere
    if (tools.hidden && !picking.hidden) closePicker()
  }

  return {
    element: row,
    /** @param {{message: object, showsSender: boolean}} item */
    show({ message, showsSender }) {
      if (message === shown && sender.hidden === !showsSender) return
      shown = message
      row.dataset.message = message.id
      row.setAttribute('aria-label', spokenOf(message))
      setText(sender, writerOf(message))
      sender.hidden = !showsSender
      drawContent(message)
      setText(moment, timeText(message.at))
      moment.dateTime = new Date(message.at).toISOString()
      showState(message)
      reactions.replaceChildren(...reactionElements(message.reactions ?? []))
      reactions.hidden = reactions.childElementCount === 0
    },
  }
}

/** A message in a sentence, for whoever moves from one to the next by ear. */
function spokenOf(message) {
  const said = words('spokenMessage', { who: writerOf(message), text: lineOf(message).slice(0, MAX_SPOKEN) })
  const isFailed = message.state?.status === 'failed'
  const about = [
    said,
    fullMoment(message.at),
    isFailed ? reasonText(message.state) : stateText(message.state),
  ]
  return about.filter(Boolean).join(', ')
}
