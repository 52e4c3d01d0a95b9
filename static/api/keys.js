import { ask } from '../api.js'
import { credentials } from '../credentials.js'
import { element, freshId } from '../dashboard/parts/dom.js'
import { words } from './words.js'

/**
 * The keys of the person in front of the page, by the name of their scheme: what the dashboard or the page of a session
 * knows of this tab is filled in, all else is typed. They are kept by nothing but this object, and go into headers only.
 */
export function createKeys() {
  const known = credentials()
  const typed = new Map()
  /** The users of the server, for whoever has signed in as administrator. */
  let users = []

  return {
    of: (scheme) => typed.get(scheme) ?? (isAdmins(scheme) ? known.admin : known.token),
    /** Looks who there is; resolves when the fields can say so. */
    async readUsers() {
      if (!known.admin) return
      const found = await ask('admin/users', { admin: known.admin }).catch(() => [])
      users = found.filter(({ token }) => token)
    },
    /** A field for each scheme of a document. `onChange` is called whenever one of them was typed into. */
    fields(schemes, onChange) {
      return Object.entries(schemes).map(([name, scheme]) =>
        keyField(name, scheme, { keys: this, users, onChange, typed }),
      )
    },
  }
}

function keyField(name, { name: header }, { keys, users, onChange, typed }) {
  const id = freshId('key')
  const input = element('input', {
    id,
    type: 'password',
    autocomplete: 'off',
    spellcheck: false,
    value: keys.of(name),
    on: { input: () => keep(input.value) },
  })
  const label = element('label', { htmlFor: id, textContent: words('keyOf', { scheme: name, header }) })
  const choice =
    !isAdmins(name) &&
    users.length > 0 &&
    userChoice(users, (token) => {
      input.value = token
      keep(token)
    })
  return element('div', { className: 'stack' }, label, input, choice)

  function keep(value) {
    typed.set(name, value)
    onChange()
  }
}

function userChoice(users, onChoice) {
  const choice = element('select', {
    aria: { label: words('user') },
    on: { change: () => onChoice(choice.value) },
  })
  choice.append(new Option(words('anyUser'), ''), ...users.map(({ name, token }) => new Option(name, token)))
  return choice
}

function isAdmins(scheme) {
  return scheme.toLowerCase().includes('admin')
}
