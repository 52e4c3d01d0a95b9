// Everything between the two worlds of the page goes under a name that nobody else can guess.
const secretName = `parley-linking-${crypto.randomUUID()}`
let waiting

/** Tells the other world the secret name. Has to happen before the page's own scripts run. */
function greetMainWorld() {
  document.dispatchEvent(new CustomEvent('parley-linking', { detail: secretName }))
  document.addEventListener(`${secretName}-answer`, ({ detail }) => {
    waiting?.(JSON.parse(detail))
    waiting = undefined
  })
}

/**
 * Has the browser ask for the passkey, within the click that this is called in. Rejects with what the browser says.
 * @param {object} question `PublicKeyCredentialRequestOptions` as JSON
 * @returns {Promise<object>} the answer as JSON
 */
async function askForPasskey(question) {
  const { answer, error } = await new Promise((resolve) => {
    waiting = resolve
    document.dispatchEvent(new CustomEvent(`${secretName}-question`, { detail: JSON.stringify(question) }))
  })
  if (typeof answer !== 'string') throw new Error(String(error))
  return JSON.parse(answer)
}
