import { openUsers } from './admin.js'
import { advise, ask } from './api.js'
import { credentials, forget, remember } from './credentials.js'
import { byId, say, whileBusy } from './page.js'
import { openSession } from './session-card.js'
import { kindOf } from './sign-in.js'

const VIEWS = ['enter-view', 'users-view', 'session-view']
const UNKNOWN_TOKEN = 'The server no longer accepts this token. Paste a current one.'

let closeView = () => {}
let network = 'live'

byId('enter-form').addEventListener('submit', enter)
byId('sign-out').addEventListener('click', () => {
  forget('token', 'admin')
  showEnter()
})
byId('to-users').addEventListener('click', () => {
  forget('token')
  showUsers()
})

await readServer()
const known = credentials()
if (known.token) showSession()
else if (known.admin) showUsers()
else showEnter()

/** Finds out whether the network behind the server is real; the page works without knowing. */
async function readServer() {
  const server = await ask('parley.json').catch(() => ({}))
  network = server.network ?? 'live'
  byId('sandbox-banner').hidden = network !== 'sandbox'
  byId('version').textContent = server.version ? `Parley ${server.version}` : ''
}

async function enter(event) {
  event.preventDefault()
  const given = byId('token').value.trim()
  await whileBusy(event.submitter, async () => {
    say('enter-message', '')
    try {
      const kind = await kindOf(given)
      remember({ [kind]: given })
      byId('token').value = ''
      if (kind === 'admin') showUsers()
      else showSession()
    } catch (error) {
      say('enter-message', advise(error))
    }
  })
}

function showEnter(message = '') {
  show('enter-view', () => {})
  say('enter-message', message)
  byId('token').focus()
}

function showUsers() {
  const { admin } = credentials()
  show('users-view', () =>
    openUsers({
      admin,
      onOpen: (token) => {
        remember({ token })
        showSession()
      },
      onUnknownToken: () => {
        forget('token', 'admin')
        showEnter(UNKNOWN_TOKEN)
      },
    }),
  )
}

function showSession() {
  const { token, admin } = credentials()
  show('session-view', () =>
    openSession({
      token,
      admin,
      network,
      onUnknownToken: () => {
        forget('token')
        showEnter(UNKNOWN_TOKEN)
      },
    }),
  )
}

function show(view, open) {
  closeView()
  for (const id of VIEWS) byId(id).hidden = id !== view
  byId('sign-out').hidden = view === 'enter-view'
  byId('to-users').hidden = view !== 'session-view' || !credentials().admin
  window.scrollTo(0, 0)
  // The keyboard continues at the top of the new view, not at a button that is gone.
  byId('main').focus({ preventScroll: true })
  closeView = open() ?? (() => {})
}
