import { createHash, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core'
import { selfSignedCertificate } from '../../src/sandbox/server/self-signed.ts'
import { launchOptions } from './browser.ts'

const HOST = 'web.whatsapp.com'

/** As strict as WhatsApp's own page, or stricter: no scripts but its own, and no talk with others. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self' wss://web.whatsapp.com",
  "object-src 'none'",
  "base-uri 'self'",
  "require-trusted-types-for 'script'",
].join('; ')

const PAGE = `<!doctype html><html><head><title>WhatsApp Web</title><script src="/app.js"></script></head>
<body><p>Steps to log in</p></body></html>`

/** What the page's own scripts see of what passes by: every address, and every event whose name they can guess. */
const SCRIPT = `
window.seen = [location.href]
for (const type of ['parley-linking', 'message'])
  addEventListener(type, (event) => seen.push(type), true)
const open = window.EventTarget.prototype.dispatchEvent
EventTarget.prototype.dispatchEvent = function (event) { seen.push(event.type); return open.call(this, event) }
`

/** A page at WhatsApp's address, and the options that lead a browser to it. */
export class WhatsAppWeb {
  readonly #server: Server
  readonly #pin: string
  readonly #profiles: string[] = []

  private constructor(server: Server, pin: string) {
    this.#server = server
    this.#pin = pin
  }

  static async start(): Promise<WhatsAppWeb> {
    const certificate = selfSignedCertificate([HOST])
    const server = createServer(certificate, ({ url }, response) => {
      response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY)
      const isScript = url === '/app.js'
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
      response.end(isScript ? SCRIPT : PAGE)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { publicKey } = new X509Certificate(certificate.cert)
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    return new WhatsAppWeb(server, createHash('sha256').update(spki).digest('base64'))
  }

  /** A browser with a profile of its own that finds the page at WhatsApp's address; with an extension, if one is given. */
  async browse({ extension, locale }: { extension?: string; locale?: string } = {}): Promise<BrowserContext> {
    const { port } = this.#server.address() as AddressInfo
    const profile = join(tmpdir(), `parley-browser-${randomBytes(8).toString('hex')}`)
    this.#profiles.push(profile)
    const { args, executablePath } = launchOptions
    return chromium.launchPersistentContext(profile, {
      executablePath,
      args: [
        ...args,
        `--host-resolver-rules=MAP ${HOST}:443 127.0.0.1:${port}`,
        `--ignore-certificate-errors-spki-list=${this.#pin}`,
        ...(extension ? [`--load-extension=${extension}`, `--disable-extensions-except=${extension}`] : []),
        ...(locale ? [`--lang=${locale}`] : []),
      ],
      ignoreDefaultArgs: ['--disable-extensions'],
      ...(locale && { env: { ...process.env, LANGUAGE: locale } }),
    })
  }

  /** Stops the page and removes the profiles; the browsers have to be closed before. */
  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve)
      this.#server.closeAllConnections()
    })
    // A browser that is closed goes on writing for a moment.
    for (const profile of this.#profiles)
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

/** Gives a tab a passkey of WhatsApp in the browser's own authenticator, which confirms everything by itself. */
export async function givePasskey(
  page: Page,
  { id, privateKey }: { id: string; privateKey: KeyObject },
  { isUserVerified = true }: { isUserVerified?: boolean } = {},
): Promise<CDPSession> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified,
      automaticPresenceSimulation: true,
    },
  })
  await devtools.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: {
      credentialId: Buffer.from(id, 'base64url').toString('base64'),
      isResidentCredential: true,
      rpId: 'whatsapp.com',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      userHandle: randomBytes(32).toString('base64'),
      signCount: 0,
    },
  })
  return devtools
}
