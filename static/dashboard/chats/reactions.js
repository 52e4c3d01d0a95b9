import { advise } from '../../api.js'
import { sayIn, whileBusy } from '../../page.js'
import { element, noticeElement } from '../parts/dom.js'
import { writerOf } from './message-words.js'
import { words } from './words.js'

/** What most reactions are. */
const USUAL = ['👍', '❤️', '😂', '😮', '😢', '🙏']
/** What an emoji is made of; one of these is in each. */
const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u

/** The reactions to a message: each emoji once, with how many chose it and who. */
export function reactionElements(reactions) {
  const byEmoji = new Map()
  for (const reaction of reactions) {
    const same = byEmoji.get(reaction.emoji)
    if (same) same.push(reaction)
    else byEmoji.set(reaction.emoji, [reaction])
  }
  return [...byEmoji].map(([emoji, from]) => {
    const names = from.slice(0, 20).map(writerOf).join(', ')
    return element(
      'li',
      { title: names, className: from.some(({ fromMe }) => fromMe) ? 'own' : '' },
      element('span', { textContent: emoji }),
      from.length > 1 && element('small', { textContent: String(from.length) }),
      element('span', { className: 'unseen', textContent: ` ${names}` }),
    )
  })
}

/**
 * What chooses a reaction to a message: the usual ones, any other emoji, and taking the own one back.
 * @param {{own?: string, react: (emoji: string) => Promise<void>, close: () => void}} given `react` with '' takes it back
 */
export function createReactionPicker({ own, react, close }) {
  const notice = noticeElement()
  const choose = (button, emoji) =>
    whileBusy(button, async () => {
      try {
        await react(emoji)
        close()
      } catch (error) {
        sayIn(notice, advise(error))
      }
    })
  const usual = USUAL.map((emoji) => {
    const button = element('button', {
      type: 'button',
      className: 'emoji',
      textContent: emoji,
      aria: { pressed: String(emoji === own) },
    })
    button.addEventListener('click', () => choose(button, emoji === own ? '' : emoji))
    return button
  })
  const other = element('input', { maxLength: 30, aria: { label: words('otherEmoji') }, placeholder: '🎉' })
  const send = element('button', { type: 'submit', className: 'small', textContent: words('react') })
  const form = element('form', { className: 'emoji-form' }, other, send)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const emoji = other.value.trim()
    if (EMOJI.test(emoji)) void choose(send, emoji)
    else sayIn(notice, words('noEmoji'))
  })
  const back =
    own && element('button', { type: 'button', className: 'quiet small', textContent: words('takeBack') })
  if (back) back.addEventListener('click', () => choose(back, ''))
  const picker = element(
    'div',
    { className: 'reaction-picker', attributes: { role: 'group' }, aria: { label: words('reactionPicker') } },
    usual,
    form,
    back,
    notice,
  )
  picker.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    close()
  })
  return { element: picker, focus: () => usual[0].focus() }
}
