/**
 * Where the extension is given what it needs: WhatsApp's page, with the key and the server behind the `#`, which browsers
 * do not send. '' where the extension cannot reach the server: WhatsApp's page is served with https, and browsers let it
 * talk to others of its kind and to this very computer only.
 * @param {{key: string, base: URL}} linking
 */
export function extensionLink({ key, base }) {
  if (base.protocol !== 'https:' && !isThisComputer(base.hostname)) return ''
  const given = btoa(JSON.stringify({ t: key, b: base.href }))
  const hidden = given.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  return `https://web.whatsapp.com/#parley=${hidden}`
}

function isThisComputer(host) {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
}
