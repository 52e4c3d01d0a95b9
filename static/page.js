/** The element with this id; a missing one is a mistake in index.html, so it fails loudly. */
export function byId(id) {
  const element = document.getElementById(id)
  if (!element) throw new Error(`index.html lacks #${id}`)
  return element
}

/** Shows a sentence in a notice; an empty one hides it. `tone` is `good`, `bad` or nothing. */
export function say(id, text, tone = 'bad') {
  const notice = byId(id)
  notice.textContent = text
  notice.className = `notice ${text ? tone : ''}`
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
export async function copy(text, what, noticeId) {
  try {
    await navigator.clipboard.writeText(text)
    say(noticeId, `${what} copied.`, 'good')
  } catch {
    say(noticeId, `This browser does not let the page copy. ${what}: ${text}`, '')
  }
}

/**
 * Calls `work` again and again until the returned function is called.
 * `work` resolves to the pause in milliseconds before the next call; a hidden tab waits until it is seen again.
 */
export function repeat(work) {
  const abort = new AbortController()
  const loop = async () => {
    while (!abort.signal.aborted) {
      const pauseMs = await work(abort.signal)
      await sleep(pauseMs, abort.signal)
      if (document.hidden) await seen(abort.signal)
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
