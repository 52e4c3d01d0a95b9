import { element } from '../parts/dom.js'
import { createRows } from '../parts/rows.js'
import { keyOf } from './message-book.js'
import { createMessageRow } from './message-row.js'
import { dayText, isSameDay } from './times.js'
import { words } from './words.js'

/** So near to the end counts as being there. */
const END_PX = 60
/** What is left free above and below a message that is brought in: its buttons stand there. */
const ROOM_PX = 40
/** So near to the start older messages are fetched. */
const START_PX = 500

/**
 * The messages of a conversation, oldest first, with a line between days. Whoever reads the end stays there when
 * messages come, and whoever reads something older keeps it before the eyes whatever happens above.
 * @param {object} given
 * @param {object} given.actions see `createMessageRow`
 * @param {boolean} given.isGroup whether it must be said who wrote
 * @param {() => void} given.onStart the start of what is there comes into view
 * @param {(isAtEnd: boolean) => void} given.onMove
 */
export function createMessageLog({ actions, isGroup, onStart, onMove }) {
  const list = element('ol', { className: 'message-list' })
  const top = element('p', { className: 'hint log-top', attributes: { role: 'status' } })
  const scroller = element('div', { className: 'message-log' }, top, list)
  const rows = createRows(list, (item) => (item.day ? createDay() : createMessageRow(actions)))
  let anchor
  let current
  const sizes = new ResizeObserver(keepPlace)
  sizes.observe(list)
  sizes.observe(scroller)

  scroller.addEventListener('scroll', () => {
    takePlace()
    lookForStart()
  })
  list.addEventListener('focusin', ({ target }) => makeCurrent(target.closest('.message')))
  list.addEventListener('keydown', (event) => {
    const row = event.target.closest('.message')
    if (event.target !== row) return
    const to = neighbourOf(row, event.key)
    if (!to) return
    event.preventDefault()
    to.focus({ preventScroll: true })
    bringIn(to)
  })

  function neighbourOf(row, key) {
    const all = [...list.querySelectorAll('.message')]
    const at = all.indexOf(row)
    return { ArrowUp: all[at - 1], ArrowDown: all[at + 1], Home: all[0], End: all.at(-1) }[key]
  }

  /** Moves the conversation, and not the page around it, until a message is to be seen. */
  function bringIn(row) {
    const top = row.offsetTop - scroller.scrollTop
    const overhang = top + row.offsetHeight - scroller.clientHeight
    if (top < ROOM_PX) scroller.scrollTop += top - ROOM_PX
    else if (overhang > -ROOM_PX) scroller.scrollTop += Math.min(overhang + ROOM_PX, top - ROOM_PX)
  }

  /** One message at a time is in the order of the Tab key; the arrows lead to the others. */
  function makeCurrent(row) {
    if (!row || row === current) return
    if (current) current.tabIndex = -1
    row.tabIndex = 0
    current = row
  }

  function isAtEnd() {
    return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_PX
  }

  /** Remembers what is at the upper edge, or that it is the end that is read. */
  function takePlace() {
    const found = isAtEnd() ? undefined : firstBelow(scroller.scrollTop)
    // The line of a day moves when older messages of the same day come.
    const row = found?.classList.contains('day') ? found.nextElementSibling : found
    anchor = row && { row, offset: row.offsetTop - scroller.scrollTop }
    onMove(!anchor)
  }

  function firstBelow(edge) {
    let low = 0
    let high = list.children.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      const { offsetTop, offsetHeight } = list.children[middle]
      if (offsetTop + offsetHeight < edge) low = middle + 1
      else high = middle
    }
    return list.children[low]
  }

  function keepPlace() {
    if (!anchor) scroller.scrollTop = scroller.scrollHeight
    else if (anchor.row.isConnected) scroller.scrollTop = anchor.row.offsetTop - anchor.offset
  }

  function lookForStart() {
    if (scroller.scrollTop < START_PX) onStart()
  }

  return {
    element: scroller,
    /**
     * @param {object[]} messages oldest first
     * @param {{isLoading: boolean, isComplete: boolean}} older what is known of those before them
     */
    show(messages, { isLoading, isComplete }) {
      rows.show(itemsOf(messages, isGroup))
      top.textContent = isLoading
        ? words('loadingOlder')
        : isComplete && messages.length > 0
          ? words('isStart')
          : ''
      // Whoever comes from elsewhere begins with the newest.
      if (!current?.isConnected || !list.contains(document.activeElement))
        makeCurrent(list.querySelector('.message:last-child'))
      keepPlace()
      onMove(!anchor)
    },
    /** Fetches more where what is there does not fill the place. */
    lookForStart,
    toEnd() {
      anchor = undefined
      keepPlace()
      onMove(true)
    },
    /** Brings a message into view and gives it the focus; false when it is not there. */
    reveal(id) {
      const row = [...list.querySelectorAll('.message')].find(({ dataset }) => dataset.message === id)
      if (!row) return false
      bringIn(row)
      takePlace()
      row.focus({ preventScroll: true })
      return true
    },
    close: () => sizes.disconnect(),
  }
}

function itemsOf(messages, isGroup) {
  return messages.flatMap((message, at) => {
    const before = messages[at - 1]
    const isNewDay = !before || !isSameDay(before.at, message.at)
    const isSameWriter = !isNewDay && before.sender === message.sender && before.fromMe === message.fromMe
    const item = { id: keyOf(message), message, showsSender: isGroup && !message.fromMe && !isSameWriter }
    return isNewDay ? [{ id: `day ${new Date(message.at).toDateString()}`, day: message.at }, item] : [item]
  })
}

function createDay() {
  const text = element('span')
  return {
    element: element('li', { className: 'day' }, text),
    show({ day }) {
      text.textContent = dayText(day)
    },
  }
}
