/**
 * Asks the browser for a passkey and gives its answer as JSON, base64url without padding. It uses nothing from outside:
 * its text is a part of the script for the console and of the extension. The question is taken apart by hand, because
 * older browsers cannot read it as JSON, and password managers answer with objects that lack `toJSON`. Throws what
 * `navigator.credentials.get` throws.
 * @param {object} question `PublicKeyCredentialRequestOptions` as JSON
 */
export async function usePasskey(question) {
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
