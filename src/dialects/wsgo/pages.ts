import { z } from 'zod'
import { type Endpoint, get, reply } from '../../http/endpoint/endpoint.ts'
import { docsEndpoint, page, serveNothing } from '../shared/pages.ts'

/**
 * Shows the code to whoever has the key, which stays in the page: without it a stranger who finds the page could link the
 * account to a phone of its own.
 */
const qrPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Link a phone</title>
    <link rel="stylesheet" href="pages/qr.css">
    <script type="module" src="pages/qr.js"></script>
  </head>
  <body>
    <main>
      <h1>Link a phone</h1>
      <form id="key-form">
        <label for="key">API key</label>
        <input id="key" type="password" autocomplete="off" autocapitalize="off" spellcheck="false" required>
        <p class="hint">
          Whoever sees the code can link the account, so this page shows it only with the key. The key stays in this page.
        </p>
        <button type="submit">Show the code</button>
      </form>
      <p id="message" role="status"></p>
      <img id="code" alt="QR code to scan with the phone" width="256" height="256" hidden>
      <noscript><p>This page needs JavaScript; the code is also at api/qr.</p></noscript>
    </main>
  </body>
</html>
`

export const pageEndpoints: Endpoint[] = [
  get('/health', {
    summary: 'Liveness probe',
    needs: 'none',
    run: serveNothing,
    reply: reply(z.object({ status: z.literal('ok') }), () => ({ status: 'ok' })),
  }),

  docsEndpoint,

  page('/qr', {
    summary: 'Page with the pairing QR code; it asks for the key',
    html: qrPage,
  }),
]
