import type { Logger } from '../../../lib/process/logger.ts'
import { randomBytes } from '../../../lib/random.ts'
import {
  type BinaryNode,
  buildPairingQRData,
  S_WHATSAPP_NET,
  type SocketConfig,
  type WASocket,
} from '../../library/engine.ts'
import { child, childrenOf, textOf } from '../../wire/node.ts'
import type { LinkingRules } from './rules.ts'
import { acknowledgeUnlinked, isService } from './service.ts'

/** A code to be scanned; the first one of a linking comes with all of them. */
export interface ShownCode {
  text: string
  codes?: string[]
}

/**
 * Shows the codes of a linking one after the other, in the library's place: the library goes on replacing them, and ends
 * the connection after the last one, also while the phone is at work; and it shows a secret that was replaced.
 */
export class CodeRotation {
  readonly #socket: WASocket
  readonly #browser: SocketConfig['browser']
  readonly #rules: LinkingRules
  readonly #onCode: (shown: ShownCode) => void
  #references: string[] = []
  #current = ''
  #timer: NodeJS.Timeout | undefined

  constructor(
    socket: WASocket,
    {
      browser,
      rules,
      onCode,
      log,
    }: {
      browser: SocketConfig['browser']
      rules: LinkingRules
      onCode: (shown: ShownCode) => void
      log: Logger
    },
  ) {
    this.#socket = socket
    this.#browser = browser
    this.#rules = rules
    this.#onCode = onCode
    socket.ws.removeAllListeners('CB:iq,type:set,pair-device')
    socket.ws.on('CB:iq,type:set,pair-device', (offer: BinaryNode) => {
      const attrs = { to: S_WHATSAPP_NET, type: 'result', id: offer.attrs.id ?? '' }
      socket.sendNode({ tag: 'iq', attrs }).catch((error: unknown) => {
        log.debug({ err: error }, 'the offer of a linking could not be answered')
      })
      this.#begin(childrenOf(child(offer, 'pair-device') ?? offer, 'ref').map(textOf))
    })
    socket.ws.on('CB:notification,type:companion_reg_refresh', (demand: BinaryNode) => {
      if (!isService(demand)) return
      acknowledgeUnlinked(socket, demand, { log })
      this.#replaceSecret()
    })
    socket.ws.on('close', () => this.stop())
  }

  /** No further code is shown, and the connection stays. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#current = ''
    this.#references = []
  }

  #begin(references: string[]): void {
    this.stop()
    const codes = references.map((reference) => this.#codeOf(reference))
    this.#references = references
    this.#show(this.#rules.firstCodeMs, codes)
  }

  #show(ms: number, codes?: string[]): void {
    const reference = this.#references.shift()
    if (reference === undefined) {
      this.#end()
      return
    }
    this.#current = reference
    this.#timer = setTimeout(() => this.#show(this.#rules.nextCodeMs), ms).unref()
    this.#onCode({ text: this.#codeOf(reference), ...(codes && { codes }) })
  }

  #end(): void {
    const error = Object.assign(new Error('QR refs attempts ended'), { output: { statusCode: 408 } })
    void this.#socket.end(error)
  }

  /** WhatsApp wants another secret in the code: what was shown before links no more. */
  #replaceSecret(): void {
    if (this.#current === '') return
    const { creds } = this.#socket.authState
    creds.advSecretKey = randomBytes(32).toString('base64')
    this.#socket.ev.emit('creds.update', { advSecretKey: creds.advSecretKey })
    this.#onCode({ text: this.#codeOf(this.#current) })
  }

  #codeOf(reference: string): string {
    const { noiseKey, signedIdentityKey, advSecretKey } = this.#socket.authState.creds
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
    return buildPairingQRData(
      reference,
      text(noiseKey.public),
      text(signedIdentityKey.public),
      advSecretKey,
      this.#browser,
    )
  }
}
