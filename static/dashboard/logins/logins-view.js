import { ask } from '../../api.js'
import { createKeyRows, endOf, LASTS_FIELD } from '../keys/key-rows.js'
import { element } from '../parts/dom.js'
import { createForm } from '../parts/form.js'
import { poll } from '../parts/poll.js'
import { createShownOnce } from '../parts/shown-once.js'
import { words } from './words.js'

const PATH = 'parley/logins'
const PAUSE_MS = 5_000
/** What a person types between ids. */
const BETWEEN = /[\s,;]+/

/** The logins of people who look at users and change nothing: who there is, a new one, one less. */
export function openLoginsView({ admin, onUnknownToken }) {
  const fresh = createShownOnce({ label: words('newKey'), what: words('key'), notice: () => form.notice })
  const form = createForm({
    fields: [
      {
        name: 'name',
        label: words('name'),
        required: true,
        hint: words('nameHint'),
        input: { maxLength: 255 },
      },
      { name: 'users', label: words('users'), hint: words('usersHint'), input: { className: 'code' } },
      LASTS_FIELD,
    ],
    submit: words('make'),
    run: make,
    buttons: [fresh.copyButton],
  })
  form.element.insertBefore(fresh.output, form.notice)
  const rows = createKeyRows({
    label: words('logins'),
    none: words('none'),
    detailOf: ({ userIds }) =>
      userIds === null ? words('seesAll') : words('sees', { count: userIds.length }),
    question: ({ name }) => ({ title: words('removeTitle', { name }), text: words('removeText') }),
    remove: (login) =>
      ask(`${PATH}/${encodeURIComponent(login.id)}`, { method: 'DELETE', admin }).then(() => polling.now()),
    attempt: form.attempt,
  })
  const polling = poll({ look, notice: form.notice, onUnknownToken })

  async function look(signal) {
    const { logins } = await ask(PATH, { admin, signal })
    rows.show(logins)
    return PAUSE_MS
  }

  async function make({ name, users, days }) {
    const userIds = users.split(BETWEEN).filter(Boolean)
    const body = { name, userIds: userIds.length > 0 ? userIds : undefined, expiresAt: endOf(days) }
    const { key } = await ask(PATH, { method: 'POST', admin, body })
    fresh.show(key)
    form.fill({ name: '', users: '' })
    polling.now()
    return words('made')
  }

  return {
    element: element(
      'section',
      { aria: { labelledby: 'view-title' } },
      element(
        'div',
        { className: 'view-head' },
        element(
          'div',
          {},
          element('h1', { id: 'view-title', textContent: words('logins') }),
          element('p', { className: 'lead', textContent: words('about') }),
        ),
      ),
      form.element,
      rows.elements,
    ),
    close: () => polling.stop(),
  }
}
