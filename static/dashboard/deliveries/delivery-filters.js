import { element } from '../parts/dom.js'
import { createField } from '../parts/fields.js'
import { receiverName, STATES } from './names.js'
import { words } from './words.js'

/** An event that every receiver of wuzapi knows. */
const EXAMPLE = 'Message'
/** Who writes looks at the list once the fingers rest. */
const TYPING_MS = 400

/**
 * What a list of deliveries is narrowed to.
 * @param {() => void} onChange
 * @param {boolean} isOfAll users can be chosen, too
 */
export function createFilters({ onChange, isOfAll }) {
  const names = element('datalist', { id: 'delivery-events' })
  const made = {
    state: choice('state', [['', words('anyState')], ...STATES.map((state) => [state, words(state)])]),
    event: createField({ name: 'event', label: words('event'), input: { placeholder: EXAMPLE } }),
    target: choice('target', [['', words('anyReceiver')]]),
    user: isOfAll && choice('user', [['', words('anyUser')]]),
    chat: createField({
      name: 'chat',
      label: words('chat'),
      input: { placeholder: words('chatPlaceholder') },
    }),
    since: instant('since'),
    until: instant('until'),
  }
  made.event.control.setAttribute('list', names.id)
  let typing
  for (const field of Object.values(made)) {
    if (!field) continue
    field.control.addEventListener('change', now)
    field.control.addEventListener('input', later)
  }

  function choice(name, options) {
    return createField({ name, label: words(name), kind: 'choice', options })
  }

  function instant(name) {
    return createField({ name, label: words(name), input: { type: 'datetime-local', step: 60 } })
  }

  function now() {
    clearTimeout(typing)
    onChange()
  }

  function later(event) {
    // A choice says it with `change` alone.
    if (event.target instanceof HTMLSelectElement) return
    clearTimeout(typing)
    typing = setTimeout(onChange, TYPING_MS)
  }

  const cell = (field) => field && element('div', { className: 'filter-cell' }, field.elements)
  const { state, event, target, user, chat, since, until } = made

  return {
    element: element(
      'form',
      {
        className: 'delivery-filters',
        attributes: { role: 'search' },
        aria: { label: words('filters') },
        on: { submit: (submitted) => submitted.preventDefault() },
      },
      cell(state),
      cell(event),
      cell(target),
      cell(user),
      element(
        'details',
        { className: 'filter-more' },
        element('summary', { textContent: words('moreFilters') }),
        element('div', { className: 'delivery-filters' }, cell(chat), cell(since), cell(until)),
      ),
      names,
    ),
    /** As the server takes it. */
    get value() {
      return {
        state: state.value,
        event: event.value,
        target: target.value,
        user: user ? user.value : '',
        chat: jidOf(chat.value),
        since: instantOf(since.value),
        until: instantOf(until.value),
      }
    },
    get isSet() {
      return Object.values(made).some((field) => field && field.value !== '')
    },
    /** Offers the receivers and users there are, and the names of events that were seen. */
    offer({ targets = [], events = [], users = [] }) {
      if (user) for (const [id, name] of users) user.control.add(new Option(name, id))
      for (const one of targets) {
        if ([...target.control.options].some(({ value }) => value === one)) continue
        target.control.add(new Option(receiverName(one), one))
      }
      const known = new Set([...names.children].map(({ value }) => value))
      for (const name of events) if (!known.has(name)) names.append(new Option('', name))
    },
    close: () => clearTimeout(typing),
  }
}

/** People write a number; all else is an address already. */
function jidOf(text) {
  const digits = text.replace(/[\s+()-]/g, '')
  return /^\d+$/.test(digits) ? `${digits}@s.whatsapp.net` : text
}

/** The browser's own time zone is meant. */
export function instantOf(local) {
  return local ? new Date(local).getTime() : undefined
}
