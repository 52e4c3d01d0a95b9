import { language } from '../../language.js'

/**
 * Makes an element. Properties are set as they are (`className`, `textContent`, `href`); `aria`, `dataset` and `on`
 * hold objects of their own, and other attributes go into `attributes`. Empty children are left out.
 */
export function element(tag, { aria, dataset, on, attributes, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties)
  for (const [name, value] of Object.entries(aria ?? {})) made.setAttribute(`aria-${name}`, value)
  for (const [name, value] of Object.entries(attributes ?? {})) made.setAttribute(name, value)
  for (const [name, listener] of Object.entries(on ?? {})) made.addEventListener(name, listener)
  Object.assign(made.dataset, dataset)
  made.append(...children.flat().filter((child) => child !== undefined && child !== false && child !== ''))
  return made
}

/** A place for a sentence about what just happened; read aloud when it changes. */
export function noticeElement() {
  return element('p', { className: 'notice', attributes: { role: 'status' } })
}

/** A bar for work whose length nobody knows; hidden until shown. */
export function progressElement(label) {
  return element('progress', { hidden: true, aria: { label } })
}

let made = 0

/** An id nobody else in this page has, to tie labels and hints to inputs. */
export function freshId(prefix) {
  made += 1
  return `${prefix}-${made}`
}

/** A moment as a person reads it: the time for today, with the day before that. */
export function momentText(milliseconds) {
  const moment = new Date(milliseconds)
  const isToday = moment.toDateString() === new Date().toDateString()
  return moment.toLocaleString(
    language(),
    isToday ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' },
  )
}
