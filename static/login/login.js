import { advise, ask } from '../api.js'
import { credentials, remember } from '../credentials.js'
import { byId, say, whileBusy } from '../page.js'
import { kindOf } from '../sign-in.js'

const DASHBOARD = new URL('../dashboard/', import.meta.url)
const SESSION = new URL('../', import.meta.url)

const wasRefused = new URLSearchParams(location.search).has('refused')
if (wasRefused) say('login-message', 'The server no longer accepts this token. Paste a current one.')

byId('login-form').addEventListener('submit', signIn)

const known = credentials()
if (known.admin) goOn('admin')
else if (known.token && !wasRefused) goOn('token')
else {
  byId('token').focus()
  void showServer()
}

async function signIn(event) {
  event.preventDefault()
  const given = byId('token').value.trim()
  await whileBusy(event.submitter, async () => {
    say('login-message', '')
    try {
      const kind = await kindOf(given)
      remember({ [kind]: given })
      goOn(kind)
    } catch (error) {
      say('login-message', advise(error))
    }
  })
}

/** The dashboard may have sent somebody here who followed a link into it; the link's end is in the hash. */
function goOn(kind) {
  const next = new URL(kind === 'admin' ? DASHBOARD : SESSION)
  if (kind === 'admin' && location.hash.startsWith('#/')) next.hash = location.hash
  location.replace(next)
}

/** The page works without knowing. */
async function showServer() {
  const { network, version } = await ask('parley.json').catch(() => ({}))
  byId('sandbox-banner').hidden = network !== 'sandbox'
  byId('version').textContent = version ? `Parley ${version}` : ''
}
