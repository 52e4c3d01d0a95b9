import { advise, ask } from './api.js'
import { newSecret } from './new-secret.js'
import { byId, confirmFirst, repeat, say, whileBusy } from './page.js'
import { describeState, nameState } from './states.js'

/**
 * Shows all users and the form that creates one, until the returned function is called.
 * @param {{admin: string, onOpen: (token: string) => void, onUnknownToken: () => void}} page
 */
export function openUsers({ admin, onOpen, onUnknownToken }) {
  const listeners = new AbortController()
  const list = byId('user-list')
  let shown = ''
  let stopPolling = repeat(refresh)

  list.replaceChildren()
  say('users-message', '')
  say('create-message', '')
  byId('new-token').value = newSecret()
  byId('create-form').addEventListener('submit', create, { signal: listeners.signal })
  byId('new-token-again').addEventListener('click', () => (byId('new-token').value = newSecret()), {
    signal: listeners.signal,
  })

  async function refresh(signal) {
    try {
      const users = await ask('admin/users', { admin, signal })
      if (signal.aborted) return 0
      show(users)
      say('users-message', '')
    } catch (error) {
      if (signal.aborted) return 0
      if (error.status === 401) onUnknownToken()
      else say('users-message', advise(error))
    }
    return 3_000
  }

  function show(users) {
    // Rebuilding an unchanged list would take the keyboard focus away from its buttons.
    const next = JSON.stringify(users)
    if (next === shown) return
    shown = next
    byId('user-list-empty').hidden = users.length > 0
    list.replaceChildren(...users.map(row))
  }

  function row(user) {
    const now = { ...user, qr: user.qrcode }
    const state = nameState(now, {})
    const item = document.createElement('li')
    item.dataset.state = state
    const words = document.createElement('div')
    words.append(
      Object.assign(document.createElement('b'), { textContent: user.name || 'No name' }),
      Object.assign(document.createElement('span'), { textContent: describeState(state, now).title }),
    )
    item.append(
      words,
      button('Open', '', user, () => onOpen(user.token)),
      button('Delete', 'quiet', user, () => remove(user)),
    )
    return item
  }

  function button(label, className, user, work) {
    const element = Object.assign(document.createElement('button'), {
      type: 'button',
      textContent: label,
      className,
    })
    element.setAttribute('aria-label', `${label} ${user.name}`)
    element.addEventListener('click', () => whileBusy(element, work))
    return element
  }

  async function remove(user) {
    const agreed = await confirmFirst({
      title: `Delete ${user.name || 'this user'}?`,
      text: 'Its phone is unlinked and everything stored for it is removed. This cannot be undone.',
      yes: 'Delete',
    })
    if (!agreed) return
    await ask(`admin/users/${encodeURIComponent(user.id)}/full`, { method: 'DELETE', admin }).catch((error) =>
      say('users-message', advise(error)),
    )
    stopPolling()
    stopPolling = repeat(refresh)
  }

  async function create(event) {
    event.preventDefault()
    await whileBusy(event.submitter, async () => {
      const token = byId('new-token').value.trim()
      const body = { name: byId('new-name').value.trim(), token, events: 'All' }
      try {
        await ask('admin/users', { method: 'POST', admin, body })
        byId('create-form').reset()
        onOpen(token)
      } catch (error) {
        say('create-message', advise(error))
      }
    })
  }

  return () => {
    listeners.abort()
    stopPolling()
  }
}
