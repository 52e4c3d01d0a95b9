/** Long enough not to bother the server, short enough that a code on the screen is never an old one for long. */
const PAUSE_MS = 2_000

const form = document.querySelector('#key-form')
const message = document.querySelector('#message')
const code = document.querySelector('#code')

let timer

form.addEventListener('submit', (event) => {
  event.preventDefault()
  clearTimeout(timer)
  void look(form.elements.key.value)
})

/** Shows the code there is now, and looks again unless there is nothing left to wait for. */
async function look(key) {
  const answer = await fetch('api/qr?format=base64', {
    headers: { 'X-API-Key': key },
    cache: 'no-store',
  }).catch(() => undefined)
  const body = await answer?.json().catch(() => undefined)
  if (answer?.ok && body?.qr)
    show(body.qr, 'Scan this code with WhatsApp on the phone: Linked devices, Link a device.')
  else if (body?.passkeyPage) showPasskey(body.passkeyPage)
  else if (answer?.status === 401) return show('', 'This key is not known. Check it and try again.')
  else if (answer?.status === 404) return show('', 'A phone is linked. There is nothing left to do here.')
  else
    show(
      '',
      body?.error ? `No code yet: ${body.error}.` : 'The server does not answer. This page keeps trying.',
    )
  timer = setTimeout(() => void look(key), PAUSE_MS)
}

/** WhatsApp wants to see a passkey before it links; a page explains how. */
function showPasskey(path) {
  show('', 'WhatsApp asks for the passkey of the account before it links. ')
  const link = document.createElement('a')
  link.href = new URL(`..${path}`, location)
  link.target = '_blank'
  link.textContent = 'Go on with the passkey'
  message.append(link)
}

function show(png, text) {
  code.hidden = png === ''
  if (png) code.src = `data:image/png;base64,${png}`
  message.textContent = text
}
