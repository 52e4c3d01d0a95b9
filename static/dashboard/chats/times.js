import { language } from '../../language.js'
import { words } from './words.js'

const DAY_MS = 24 * 60 * 60 * 1000

/** The time of day: `14:05`. */
export function timeText(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString(language(), { timeStyle: 'short' })
}

/** The day as a person says it: today, yesterday, the weekday of the last days, else the date. */
export function dayText(milliseconds, now = Date.now()) {
  const day = new Date(milliseconds)
  const daysAgo = Math.round((startOfDay(now) - startOfDay(milliseconds)) / DAY_MS)
  if (daysAgo === 0) return words('today')
  if (daysAgo === 1) return words('yesterday')
  if (daysAgo > 1 && daysAgo < 7) return day.toLocaleDateString(language(), { weekday: 'long' })
  return day.toLocaleDateString(language(), { dateStyle: 'long' })
}

/** For the list of chats: the time of today, else the day, short. */
export function shortMoment(milliseconds, now = Date.now()) {
  const daysAgo = Math.round((startOfDay(now) - startOfDay(milliseconds)) / DAY_MS)
  if (daysAgo === 0) return timeText(milliseconds)
  if (daysAgo > 0 && daysAgo < 7) return dayText(milliseconds, now)
  return new Date(milliseconds).toLocaleDateString(language(), { dateStyle: 'short' })
}

/** Day and time in full. */
export function fullMoment(milliseconds) {
  return new Date(milliseconds).toLocaleString(language(), { dateStyle: 'full', timeStyle: 'short' })
}

/** The same, shorter. */
export function mediumMoment(milliseconds) {
  return new Date(milliseconds).toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'short' })
}

/** Whether two moments are on the same day. */
export function isSameDay(one, other) {
  return startOfDay(one) === startOfDay(other)
}

/** `0:07`, `12:30`, `1:02:03`. */
export function lengthText(seconds) {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] > 0 ? parts : parts.slice(1)
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/** `12 kB`, `3.4 MB`, as the language writes it. */
export function sizeText(bytes) {
  const [unit, size] =
    bytes < 1_000_000 ? ['kilobyte', Math.max(1, bytes / 1_000)] : ['megabyte', bytes / 1_000_000]
  return size.toLocaleString(language(), {
    style: 'unit',
    unit,
    maximumFractionDigits: unit === 'megabyte' ? 1 : 0,
  })
}

function startOfDay(milliseconds) {
  return new Date(milliseconds).setHours(0, 0, 0, 0)
}
