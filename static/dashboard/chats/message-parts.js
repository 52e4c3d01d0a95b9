import { element } from '../parts/dom.js'
import { createMedia } from './message-media.js'
import { callText, kindText, lineOf, writerOf } from './message-words.js'
import { richText } from './rich-text.js'
import { words } from './words.js'

/** From this length on a text is shown in part: a message may have 65,536 characters. */
const MAX_SHOWN = 3_000
/** As many names as stand below an option of a poll. */
const MAX_VOTERS = 20

/**
 * What a message says: its file, its words, or what else it is.
 * @param {object} message as the server tells it
 * @param {{fileOf: (message: object) => Promise<{blob: Blob, url: string}>, jumpTo: (id: string) => void}} context
 * @returns {(HTMLElement | false | undefined)[]}
 */
export function contentElements(message, { fileOf, jumpTo }) {
  const { deleted, quoted, media, poll, location, contact, call, text, kind } = message
  if (deleted) return [element('p', { className: 'message-note', textContent: words('deletedLine') })]
  const special =
    (media && createMedia(message, fileOf)) ||
    (poll && pollElement(poll)) ||
    (location && locationElement(location)) ||
    (contact && contactElement(contact)) ||
    (call && element('p', { className: 'message-note', textContent: callText(call) }))
  const isNamed = special || kind === 'text'
  // The question of a poll is its text, too, and a place may be its name.
  const shown = poll || call ? '' : text
  return [
    quoted && quoteElement(quoted, () => jumpTo(quoted.id)),
    !isNamed && element('p', { className: 'message-note', textContent: kindText(kind) }),
    special,
    shown && textElement(named(shown, message.mentions)),
  ]
}

/** A text with the names of the people it mentions, of whom it says the numbers. */
function named(text, mentions = []) {
  return mentions.reduce(
    (known, { tag, name }) => (name ? known.replaceAll(`@${tag}`, `@${name}`) : known),
    text,
  )
}

function textElement(text) {
  const place = element('p', { className: 'message-text', dir: 'auto' })
  if (text.length <= MAX_SHOWN) {
    place.append(...richText(text))
    return place
  }
  const more = element('button', {
    type: 'button',
    className: 'quiet small',
    textContent: words('showWhole', { count: text.length }),
  })
  more.addEventListener('click', () => {
    place.replaceChildren(...richText(text))
    more.remove()
  })
  place.append(...richText(`${text.slice(0, MAX_SHOWN)}…`))
  return element('div', {}, place, more)
}

/** The message that is answered; leads to it. */
function quoteElement(quoted, jump) {
  return element(
    'button',
    { type: 'button', className: 'quote', on: { click: jump } },
    element('b', { textContent: writerOf(quoted), dir: 'auto' }),
    element('span', { textContent: lineOf(quoted).slice(0, MAX_SHOWN), dir: 'auto' }),
  )
}

function pollElement({ question, selectable, options }) {
  const most = Math.max(1, ...options.map(({ votes }) => votes))
  return element(
    'div',
    { className: 'poll' },
    element('p', { className: 'poll-question', textContent: question, dir: 'auto' }),
    element('p', {
      className: 'message-note',
      textContent: words(selectable === 1 ? 'pollOne' : 'pollSeveral'),
    }),
    element(
      'ul',
      {},
      options.map(({ name, votes, voters = [], chosen }) => {
        const names = chosen ? [words('you'), ...voters] : voters
        const bar = element('span', { className: 'poll-bar', aria: { hidden: 'true' } })
        bar.style.inlineSize = `${(100 * votes) / most}%`
        return element(
          'li',
          {},
          element('span', { textContent: name, dir: 'auto' }),
          element('small', { textContent: words('votes', { count: votes }) }),
          bar,
          names.length > 0 && element('small', { textContent: namesText(names), dir: 'auto' }),
        )
      }),
    ),
  )
}

function namesText(names) {
  const more = names.length - MAX_VOTERS
  const shown = names.slice(0, MAX_VOTERS).join(', ')
  return more > 0 ? words('andMore', { names: shown, count: more }) : shown
}

function locationElement({ latitude, longitude, name }) {
  const place = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`
  const address = new URL('https://www.openstreetmap.org/')
  address.search = new URLSearchParams({ mlat: latitude, mlon: longitude })
  address.hash = `map=16/${latitude}/${longitude}`
  return element(
    'p',
    { className: 'message-text' },
    name && element('b', { textContent: name, dir: 'auto' }),
    name && '\n',
    element('a', {
      href: address.href,
      target: '_blank',
      rel: 'noopener noreferrer',
      textContent: words('onMap', { place }),
    }),
  )
}

function contactElement({ name, phones }) {
  return element(
    'div',
    { className: 'file-card' },
    element('b', { textContent: name, dir: 'auto' }),
    phones.map((phone) => element('small', { textContent: phone })),
  )
}
