import { ask } from '../api.js'
import { confirmFirst, sayIn, setText } from '../page.js'
import { scanForMe } from '../sandbox.js'
import { describeState, nameState } from '../states.js'
import { createLinkDialog } from './link-dialog.js'
import { element, noticeElement } from './parts/dom.js'
import { poll } from './parts/poll.js'
import { createSections } from './sections.js'
import { createActions } from './user-actions.js'

/** Pause between two looks: short while something is about to change. */
const PAUSE_MS = { connecting: 700, scan: 1_000, passkey: 1_500 }
const CALM_PAUSE_MS = 3_000
/** What opens the dialog of a linking that is under way. */
const LINKING = { scan: 'Show code', passkey: 'Go on linking' }
/** How long after Connect the state stays "connecting" although the server still says not connected. */
const PATIENCE_MS = 15_000

/** One user: its state, what can be done about it, and its sections. */
export function openUserView({ id, admin, server, desk, onUnknownToken }) {
  let user
  let state
  let pressed
  let connectingUntil = 0

  const notice = noticeElement()
  const name = element('h1', { id: 'view-title', textContent: 'User' })
  const title = element('p', { className: 'state small-state', textContent: 'Asking the server' })
  const detail = element('p', { className: 'hint' })
  const actions = createActions({ notice, run: press, showLinking: () => dialog.open() })
  const sections = createSections({
    id,
    server,
    desk,
    admin,
    currentUser: () => user,
    // The token may have been changed a moment ago, so it is looked up at each call.
    askUser: (path, options) => ask(path, { ...options, token: user.token }),
    refresh: () => polling.now(),
    reconnectAround,
    onUnknownToken,
  })
  const dialog = createLinkDialog({
    canScan: server.network === 'sandbox',
    connect: () => press('connect'),
    scan: () => scanForMe({ token: user.token, admin }).then(() => polling.now()),
    pairingCode: (phone) => post('session/pairphone', { Phone: phone }).then((reply) => reply.LinkingCode),
  })
  const view = element(
    'section',
    { aria: { labelledby: 'view-title' }, dataset: { state: 'checking' } },
    element('p', { className: 'eyebrow' }, element('a', { href: '#/', textContent: 'All users' })),
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
    const [found] = await ask(`admin/users/${encodeURIComponent(id)}`, { admin, signal })
    if (!found) return showGone()
    user = found
    desk.watch(user)
    show({ ...user, qr: user.qrcode, passkeyPage: await passkeyPage(signal) })
    return PAUSE_MS[state] ?? CALM_PAUSE_MS
  }

  /** The list of users does not tell it; between the scan and the link there may be one. */
  async function passkeyPage(signal) {
    if (!user.connected || user.loggedIn || user.qrcode) return undefined
    // It is no more than a way to a page: what is wrong is told by what else is asked.
    const status = await ask('session/status', { token: user.token, signal }).catch(() => ({}))
    return status.passkeyPage
  }

  function show(now) {
    const isUnlinked = pressed === 'connect' && now.qr
    if (pressed === 'connect' && (now.connected || Date.now() > connectingUntil)) pressed = undefined
    state = nameState(now, { state, pressed })
    if (state === 'linked') pressed = undefined
    const words = describeState(state, now)
    view.dataset.state = state
    setText(name, user.name || 'No name')
    setText(title, words.title)
    setText(detail, words.detail)
    actions.show(words.actions, { linking: LINKING[state] })
    dialog.show(state, now)
    // The phone has removed a device that was linked before: only now is it known that a code is needed.
    if (isUnlinked) dialog.open()
    sections.show(user)
  }

  function showGone() {
    view.dataset.state = 'trouble'
    setText(title, 'This user does not exist')
    setText(detail, 'It may have been deleted meanwhile. Go back to all users.')
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
    return confirmFirst({
      title: 'Log this user out?',
      text: 'The phone removes this device. Nothing can be sent or received until a new code is scanned.',
      yes: 'Log out',
    })
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
    return ask(path, { method: 'POST', token: user.token, body })
  }

  return {
    element: view,
    enter(section) {
      sayIn(notice, '')
      sections.enter(section)
    },
    close() {
      polling.stop()
      dialog.close()
      sections.close()
    },
  }
}
