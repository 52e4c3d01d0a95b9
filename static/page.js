import { words } from './words.js'

/** The element with this id; a missing one is a mistake in the page's HTML, so it fails loudly. */
export function byId(id) {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page lacks #${id}`)
  return element
}

/** Shows a sentence in the notice with this id; an empty one hides it. `tone` is `good`, `bad` or nothing. */
export function say(id, text, tone = 'bad') {
  sayIn(byId(id), text, tone)
}

/** The same for a notice at hand. */
export function sayIn(notice, text, tone = 'bad') {
  notice.textContent = text
  notice.className = `notice ${text ? tone : ''}`
}

/** Says of a link whether it leads to what is shown now. */
export function markCurrent(link, isCurrent) {
  if (isCurrent) link.setAttribute('aria-current', 'page')
  else link.removeAttribute('aria-current')
}

/** Disables a button while its work runs, so that a second press cannot start it twice. */
export async function whileBusy(button, work) {
  if (button.getAttribute('aria-busy') === 'true') return
  button.setAttribute('aria-busy', 'true')
  try {
    await work()
  } finally {
    button.removeAttribute('aria-busy')
  }
}

/** Asks before something that cannot be undone; resolves true when the person agrees. */
export function confirmFirst({ title, text, yes }) {
  const dialog = byId('confirm')
  byId('confirm-title').textContent = title
  byId('confirm-text').textContent = text
  byId('confirm-yes').textContent = yes
  dialog.returnValue = 'no'
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
  })
}

/**
 * Puts text on the clipboard and says so; pages served over plain http from another host have no clipboard,
 * there the text is shown to be selected by hand.
 */
export async function copy(text, what, notice) {
  try {
    await navigator.clipboard.writeText(text)
    sayIn(notice, words('copied', { what }), 'good')
  } catch {
    sayIn(notice, words('copyRefused', { what, text }), '')
  }
}

/** Writes only what changed: a live region reads every write aloud. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * Calls `work` again and again until the returned function is called.
 * `work` resolves to the pause in milliseconds before the next call; a hidden tab waits until it is seen again, unless
 * `goesOnHidden` says otherwise.
 */
export function repeat(work, { goesOnHidden = () => false } = {}) {
  const abort = new AbortController()
  const loop = async () => {
    while (!abort.signal.aborted) {
      const pauseMs = await work(abort.signal)
      await sleep(pauseMs, abort.signal)
      if (document.hidden && !goesOnHidden()) await seen(abort.signal)
    }
  }
  void loop()
  return () => abort.abort()
}

function sleep(ms, signal) {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    signal.addEventListener('abort', wake, { once: true })
  })
}

function seen(signal) {
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', resolve, { once: true, signal })
    signal.addEventListener('abort', resolve, { once: true })
  })
}
