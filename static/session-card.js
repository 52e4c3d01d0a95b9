import { advise, ask, linkingPageAt, RequestFailure } from './api.js'
import { createContactCall } from './contact-call.js'
import { createConversation } from './conversation.js'
import { byId, confirmFirst, repeat, say, setText, whileBusy } from './page.js'
import { createQrPanel } from './qr.js'
import { scanForMe } from './sandbox.js'
import { createSettings } from './settings.js'
import { describeState, nameState, phoneOf } from './states.js'

/** Pause between two looks: short while something is about to change. */
const PAUSE_MS = { connecting: 700, scan: 1_000, passkey: 1_500, linked: 2_000 }
const CALM_PAUSE_MS = 3_000
/** How long after Connect the state stays "connecting" although the server still says not connected. */
const PATIENCE_MS = 15_000

/**
 * Shows one session and keeps it current until the returned function is called.
 * @param {{token: string, admin: string, network: string, onUnknownToken: () => void}} page
 */
export function openSession({ token, admin, network, onUnknownToken }) {
  const listeners = new AbortController()
  const qr = createQrPanel()
  const conversation = createConversation({ token, admin, network, signal: listeners.signal })
  const settings = createSettings({ token, signal: listeners.signal })
  let shownState
  let account = ''
  let contactCall
  let pressed
  let connectingUntil = 0
  let stopPolling = repeat(refresh)

  byId('scan-for-me-box').hidden = network !== 'sandbox'
  byId('scan-for-me').hidden = !admin
  byId('scan-for-me-text').textContent = admin
    ? 'There is no phone in the simulated network. This button plays one.'
    : 'There is no phone in the simulated network. Sign in with the admin token, and a button here plays one.'
  byId('session-name').textContent = ''
  byId('pair-code').textContent = ''
  say('session-message', '')
  onPress('connect', connect)
  onPress('cancel', disconnect)
  onPress('disconnect', disconnect)
  onPress('logout', logOut)
  onPress('scan-for-me', () => scanForMe({ token, admin }))
  byId('pair-form').addEventListener('submit', requestPairCode, { signal: listeners.signal })

  async function refresh(signal) {
    try {
      const now = await readStatus(token, signal)
      if (signal.aborted) return 0
      show(now)
      return PAUSE_MS[shownState] ?? CALM_PAUSE_MS
    } catch (error) {
      if (signal.aborted) return 0
      if (error.status === 401) onUnknownToken()
      else showTrouble(error)
      return CALM_PAUSE_MS
    }
  }

  function show(now) {
    if (pressed === 'connect' && (now.connected || Date.now() > connectingUntil)) pressed = undefined
    const state = nameState(now, { state: shownState, pressed })
    const { title, detail, actions } = describeState(state, now)
    byId('session-view').dataset.state = state
    byId('session-name').textContent = now.name
    setText(byId('state-title'), title)
    setText(byId('state-detail'), detail)
    for (const id of ['connect', 'cancel', 'disconnect', 'logout']) byId(id).hidden = !actions.includes(id)
    showPasskeyPage(now.passkeyPage, state !== shownState)
    byId('scan').hidden = state !== 'scan' && state !== 'connecting'
    byId('talk').hidden = state !== 'linked'
    byId('settings').hidden = state !== 'linked'
    conversation.linkedAs(phoneOf(now.jid))
    account = now.jid
    byId('contact-call').hidden = state !== 'linked' || !contactCall
    qr.show(state === 'scan' ? now.qr : '')
    if (state === 'linked' && shownState !== 'linked') {
      pressed = undefined
      settings.load()
      void offerCalls(now.id)
      say('session-message', '')
    }
    shownState = state
  }

  /** The page of the linking opens beside this one, where the phone is waited for. */
  function showPasskeyPage(path, isNew) {
    const link = byId('passkey-page')
    link.hidden = !path
    if (!path) return
    link.href = linkingPageAt(path)
    if (isNew) link.focus()
  }

  /** A simulated contact may call where voice is on; who plays it needs the admin token. */
  async function offerCalls(id) {
    if (contactCall || network !== 'sandbox' || !admin) return
    // Only a convenience, and a server without calls has no such page.
    const { isOn } = await ask('parley/calls/config', { token }).catch(() => ({}))
    if (!isOn || contactCall || listeners.signal.aborted) return
    contactCall = createContactCall({
      admin,
      heading: 'h2',
      numberOf: () => account,
      answerAt: `dashboard/#/users/${encodeURIComponent(id)}/calls`,
    })
    byId('contact-call').replaceChildren(contactCall.element)
    byId('contact-call').hidden = shownState !== 'linked'
  }

  function showTrouble(error) {
    byId('session-view').dataset.state = 'trouble'
    setText(byId('state-title'), error.status === 0 ? 'No connection to the server' : 'Something went wrong')
    setText(byId('state-detail'), advise(error))
  }

  async function connect() {
    pressed = 'connect'
    connectingUntil = Date.now() + PATIENCE_MS
    // Without `Immediate` the server would hold the answer back for ten seconds.
    await post('session/connect', { Immediate: true }).catch((error) => {
      if (!/already connected/i.test(error.message)) throw error
    })
  }

  async function disconnect() {
    pressed = 'disconnect'
    await post('session/disconnect')
  }

  async function logOut() {
    const agreed = await confirmFirst({
      title: 'Log this session out?',
      text: 'The phone removes this device. Nothing can be sent or received until a new code is scanned.',
      yes: 'Log out',
    })
    if (!agreed) return
    pressed = 'logout'
    await post('session/logout')
  }

  async function requestPairCode(event) {
    event.preventDefault()
    const phone = byId('pair-phone').value.replace(/\D/g, '')
    await whileBusy(event.submitter, () =>
      attempt(async () => {
        const { LinkingCode } = await post('session/pairphone', { Phone: phone })
        byId('pair-code').textContent = LinkingCode
      }),
    )
  }

  function post(path, body) {
    return ask(path, { method: 'POST', token, body })
  }

  function onPress(id, work) {
    const button = byId(id)
    button.addEventListener('click', () => whileBusy(button, () => attempt(work)), {
      signal: listeners.signal,
    })
  }

  /** Runs what a button does, says what went wrong, and looks at the state again at once. */
  async function attempt(work) {
    say('session-message', '')
    try {
      await work()
    } catch (error) {
      pressed = undefined
      say('session-message', advise(error))
    }
    if (listeners.signal.aborted) return
    stopPolling()
    stopPolling = repeat(refresh)
  }

  return () => {
    listeners.abort()
    stopPolling()
    conversation.stop()
    contactCall?.close()
    byId('contact-call').replaceChildren()
    qr.stop()
  }
}

/** Status and QR code in one object, with the spelling of either profile of the server. */
async function readStatus(token, signal) {
  const status = await ask('session/status', { token, signal }).catch((error) => {
    // wuzapi's older profile has no status for a session that was never started.
    if (error instanceof RequestFailure && /no session/i.test(error.message)) return {}
    throw error
  })
  const connected = Boolean(status.connected ?? status.Connected)
  const loggedIn = Boolean(status.loggedIn ?? status.LoggedIn)
  const passkeyPage = status.passkeyPage ?? ''
  const qr = connected && !loggedIn && !passkeyPage ? await readQr(token, signal) : ''
  return {
    connected,
    loggedIn,
    qr,
    passkeyPage,
    id: status.id ?? '',
    jid: status.jid ?? '',
    name: status.name ?? '',
  }
}

async function readQr(token, signal) {
  const reply = await ask('session/qr', { token, signal }).catch((error) => {
    // Between the two requests the phone may have scanned, or the codes run out: the next look tells which.
    if (error instanceof RequestFailure && error.status >= 500) return {}
    throw error
  })
  return reply.QRCode ?? ''
}
