import { byId } from './page.js'
import { words } from './words.js'

/** Shows the QR code of a session and how long the current one has been up. */
export function createQrPanel() {
  const image = byId('qr-image')
  let shownSince = 0
  const ticker = setInterval(tick, 1_000)

  function tick() {
    const seconds = Math.round((Date.now() - shownSince) / 1_000)
    byId('qr-age').textContent = image.hidden ? '' : words('qrAge', { seconds })
  }

  return {
    /** @param {string} picture the code as a data URL, empty while there is none */
    show(picture) {
      if (picture && image.src !== picture) {
        image.src = picture
        shownSince = Date.now()
      }
      image.hidden = !picture
      byId('qr-pending').hidden = Boolean(picture)
      tick()
    },
    stop() {
      clearInterval(ticker)
      image.removeAttribute('src')
      image.hidden = true
    },
  }
}
