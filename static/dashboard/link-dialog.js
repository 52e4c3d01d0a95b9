import { advise, linkingPageAt } from '../api.js'
import { byId, say, setText, whileBusy } from '../page.js'
import { createQrPanel } from '../qr.js'
import { describeState } from '../states.js'
import { words as shared } from '../words.js'
import { words } from './words.js'

/**
 * The dialog that links a phone: the code, the code to type instead, and how it went.
 * @param {object} given
 * @param {boolean} given.isSimulated whether there are only simulated phones
 * @param {boolean} given.canScan whether one of them can be played by whoever looks
 * @param {() => Promise<void>} given.connect asks for a code
 * @param {() => Promise<void>} given.scan plays the phone
 * @param {(phone: string) => Promise<string>} given.pairingCode
 */
export function createLinkDialog({ isSimulated, canScan, connect, scan, pairingCode }) {
  const dialog = byId('link')
  const listeners = new AbortController()
  const { signal } = listeners
  const qr = createQrPanel()

  byId('scan-for-me-box').hidden = !isSimulated
  byId('scan-for-me').hidden = !canScan
  setText(byId('scan-for-me-text'), shared(canScan ? 'scanForMeText' : 'scanForMeLocked'))
  byId('link-close').addEventListener('click', () => dialog.close(), { signal })
  onPress('link-again', connect)
  onPress('scan-for-me', scan)
  byId('pair-form').addEventListener('submit', requestCode, { signal })

  async function requestCode(event) {
    event.preventDefault()
    const phone = byId('pair-phone').value.replace(/\D/g, '')
    await whileBusy(event.submitter, () =>
      attempt(async () => {
        byId('pair-code').textContent = await pairingCode(phone)
      }),
    )
  }

  function onPress(id, work) {
    const button = byId(id)
    button.addEventListener('click', () => whileBusy(button, () => attempt(work)), { signal })
  }

  async function attempt(work) {
    say('link-message', '')
    try {
      await work()
    } catch (error) {
      say('link-message', advise(error))
    }
  }

  /** The page of the linking opens beside the dashboard; its address may be given to whoever has the account. */
  function showPasskeyPage(path) {
    const link = byId('link-passkey')
    const isNew = link.hidden && Boolean(path)
    link.hidden = !path
    if (!path) return
    link.href = linkingPageAt(path)
    if (isNew && dialog.open) link.focus()
  }

  return {
    open() {
      if (dialog.open) return
      say('link-message', '')
      byId('pair-code').textContent = ''
      byId('pair-form').reset()
      byId('pair').open = false
      dialog.showModal()
    },
    /** @param {string} state a name of states.js @param {object} now what the server reports of the user */
    show(state, now) {
      const isWaiting = state === 'scan' || state === 'connecting'
      const { title, detail } = describeState(state, now)
      const wasLinked = dialog.dataset.state === 'linked'
      dialog.dataset.state = state
      setText(byId('link-title'), title)
      setText(byId('link-detail'), detail)
      setText(byId('link-close'), words(state === 'linked' ? 'done' : 'close'))
      byId('link-scan').hidden = !isWaiting
      byId('link-again').hidden = isWaiting || state === 'linked' || state === 'passkey'
      showPasskeyPage(now.passkeyPage)
      qr.show(state === 'scan' ? now.qr : '')
      // What had the focus has just gone.
      if (dialog.open && state === 'linked' && !wasLinked) byId('link-close').focus()
    },
    close() {
      listeners.abort()
      qr.stop()
      if (dialog.open) dialog.close()
    },
  }
}
