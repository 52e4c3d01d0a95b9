// Runs among the scripts of WhatsApp's page, so that password managers take part, which answer only there. It learns a
// secret name before any of the page's scripts runs, and hears and tells under that name alone.
;(() => {
  // usePasskey: written by `npm run extension`
  async function usePasskey(question) {
    const bytesOf = (text) =>
      Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
    const textOf = (buffer) =>
      btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replace(/=+$/, '')
    const allowCredentials = (question.allowCredentials ?? []).map((known) => ({
      ...known,
      id: bytesOf(known.id),
    }))
    const publicKey = { ...question, challenge: bytesOf(question.challenge), allowCredentials }
    const { id, rawId, type, response } = await navigator.credentials.get({ publicKey })
    const { clientDataJSON, authenticatorData, signature, userHandle } = response
    return JSON.stringify({
      id,
      rawId: textOf(rawId),
      type,
      response: {
        clientDataJSON: textOf(clientDataJSON),
        authenticatorData: textOf(authenticatorData),
        signature: textOf(signature),
        userHandle: userHandle ? textOf(userHandle) : null,
      },
    })
  }
  // /usePasskey

  // As they are before the page's scripts can replace them by some that listen.
  const { CustomEvent } = window
  const tell = document.dispatchEvent.bind(document)
  const hear = document.addEventListener.bind(document)
  const greeting = 'parley-linking'
  hear(greeting, begin)
  // Whoever greets later is not the extension.
  hear('readystatechange', () => document.removeEventListener(greeting, begin), { once: true })

  function begin({ detail: name }) {
    document.removeEventListener(greeting, begin)
    hear(`${name}-question`, async ({ detail }) => {
      const told = await usePasskey(JSON.parse(detail)).then(
        (answer) => ({ answer }),
        (error) => ({ error: `${error?.name}: ${error?.message}` }),
      )
      tell(new CustomEvent(`${name}-answer`, { detail: JSON.stringify(told) }))
    })
  }
})()
