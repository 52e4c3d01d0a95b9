import { ask } from '../api.js'
import { confirmFirst, sayIn, setText } from '../page.js'
import { scanForMe } from '../sandbox.js'
import { describeState, nameState } from '../states.js'
import { createLinkDialog } from './link-dialog.js'
import { element, noticeElement } from './parts/dom.js'
import { poll } from './parts/poll.js'
import { LINK_NOW, userAddress } from './route.js'
import { createSections } from './sections.js'
import { createActions } from './user-actions.js'
import { words } from './words.js'

/** Pause between two looks: short while something is about to change. */
const PAUSE_MS = { connecting: 700, scan: 1_000, passkey: 1_500 }
const CALM_PAUSE_MS = 3_000
/** The keys of what opens the dialog of a linking that is under way. */
const LINKING = { scan: 'showCode', passkey: 'goOnLinking' }
/** How long after Connect the state stays "connecting" although the server still says not connected. */
const PATIENCE_MS = 15_000

/**
 * One user: its state, what can be done about it, and its sections.
 * @param {object} given
 * @param {string} given.id
 * @param {string} given.admin the admin token, or '' where it is not an administrator who looks
 * @param {string} given.login the key of a login that looks after users, or ''
 * @param {string} given.token the user's own token, where the user looks
 * @param {string} [given.power] what that token may do
 */
export function openUserView({ id, admin, login, token, power = 'full', server, desk, onUnknownToken }) {
  const mayChange = !login && power === 'full'
  let user
  let state
  let pressed
  let connectingUntil = 0
  let linksAtOnce = false

  const notice = noticeElement()
  const name = element('h1', { id: 'view-title', textContent: words('user') })
  const title = element('p', { className: 'state small-state', textContent: words('askingState') })
  const detail = element('p', { className: 'hint' })
  const actions = createActions({ notice, run: press, showLinking: () => dialog.open() })
  // The token may have been changed a moment ago, so it is looked up at each call.
  const ownToken = () => (admin ? user.token : token)
  const askUser = (path, options) =>
    ask(path, login ? { ...options, token: login, user: id } : { ...options, token: ownToken() })
  const sections = createSections({
    id,
    server,
    desk,
    admin,
    power: login ? 'read' : power,
    currentUser: () => user,
    askUser,
    refresh: () => polling.now(),
    reconnectAround,
    onUnknownToken,
  })
  const dialog = createLinkDialog({
    isSimulated: server.network === 'sandbox',
    canScan: Boolean(admin),
    connect: () => press('connect'),
    scan: () => scanForMe({ token: user.token, admin }).then(() => polling.now()),
    pairingCode: (phone) => post('session/pairphone', { Phone: phone }).then((reply) => reply.LinkingCode),
  })
  const view = element(
    'section',
    { aria: { labelledby: 'view-title' }, dataset: { state: 'checking' } },
    (admin || login) &&
      element('p', { className: 'eyebrow' }, element('a', { href: '#/', textContent: words('allUsers') })),
    element(
      'div',
      { className: 'view-head' },
      element(
        'div',
        { className: 'user-head' },
        name,
        element('div', { attributes: { role: 'status' } }, title, detail),
      ),
      actions.element,
    ),
    notice,
    sections.element,
  )
  const polling = poll({ look, notice, onUnknownToken })

  async function look(signal) {
    const found = await readUser(signal)
    if (!found) return showGone()
    user = found
    // A server without calls has no desk.
    if (mayChange) desk?.watch({ ...user, token: ownToken() })
    show({ ...user, qr: user.qrcode, passkeyPage: mayChange ? await passkeyPage(signal) : undefined })
    return PAUSE_MS[state] ?? CALM_PAUSE_MS
  }

  async function readUser(signal) {
    if (login) {
      const { users } = await ask('parley/users', { admin: login, signal })
      return users.find((seen) => seen.id === id)
    }
    if (!admin) return ask('session/status', { token, signal })
    const [found] = await ask(`admin/users/${encodeURIComponent(id)}`, { admin, signal })
    return found
  }

  /** The list of users does not tell it; between the scan and the link there may be one. */
  async function passkeyPage(signal) {
    if (!user.connected || user.loggedIn || user.qrcode) return undefined
    // It is no more than a way to a page: what is wrong is told by what else is asked.
    const status = await askUser('session/status', { signal }).catch(() => ({}))
    return status.passkeyPage
  }

  function show(now) {
    const isUnlinked = pressed === 'connect' && now.qr
    if (pressed === 'connect' && (now.connected || Date.now() > connectingUntil)) pressed = undefined
    state = nameState(now, { state, pressed })
    if (state === 'linked') pressed = undefined
    const described = describeState(state, now)
    // Whoever waits with the own phone in the hand need not look for the way.
    if (!admin && mayChange && state === 'passkey' && view.dataset.state !== state) dialog.open()
    view.dataset.state = state
    setText(name, user.name || words('noName'))
    setText(title, described.title)
    setText(detail, described.detail)
    actions.show(mayChange ? described.actions : [], { linking: LINKING[state] && words(LINKING[state]) })
    dialog.show(state, now)
    // The phone has removed a device that was linked before: only now is it known that a code is needed.
    if (isUnlinked) dialog.open()
    sections.show(user)
    if (linksAtOnce && state === 'off') void actions.press('connect')
    linksAtOnce = false
  }

  function showGone() {
    view.dataset.state = 'trouble'
    setText(title, words('goneTitle'))
    setText(detail, words('goneDetail'))
    actions.show([], {})
    sections.element.hidden = true
    return CALM_PAUSE_MS
  }

  /** What a button does: `connect`, `disconnect` or `logout`. */
  async function press(what) {
    if (what === 'logout' && !(await agreesToLogOut())) return
    pressed = what
    connectingUntil = Date.now() + PATIENCE_MS
    const isNew = what === 'connect' && !user.jid
    if (isNew) dialog.open()
    try {
      // Without `Immediate` the server would hold the answer back for ten seconds.
      await post(`session/${what}`, what === 'connect' ? { Immediate: true } : undefined)
    } catch (error) {
      pressed = undefined
      if (!/already connected/i.test(error.message)) throw error
    } finally {
      polling.now()
    }
  }

  function agreesToLogOut() {
    return confirmFirst({ title: words('logOutTitle'), text: words('logOutText'), yes: words('logOut') })
  }

  /** Does what the server refuses while connected, and connects again whatever came of it. */
  async function reconnectAround(work) {
    if (!user.connected) return work()
    await press('disconnect')
    try {
      return await work()
    } finally {
      await press('connect')
    }
  }

  function post(path, body) {
    return askUser(path, { method: 'POST', body })
  }

  return {
    element: view,
    enter(section, item) {
      sayIn(notice, '')
      if (section === LINK_NOW) {
        linksAtOnce = true
        // Whoever loads the page again does not want to begin again.
        history.replaceState(null, '', userAddress(id))
      }
      sections.enter(section === LINK_NOW ? '' : section, item)
    },
    close() {
      polling.stop()
      dialog.close()
      sections.close()
    },
  }
}
