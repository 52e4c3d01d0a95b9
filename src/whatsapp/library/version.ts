import type { Logger } from '../../lib/process/logger.ts'
import { fetchLatestWaWebVersion, type WAVersion } from './engine.ts'
import type { WhatsAppNetwork } from './network.ts'

const TIMEOUT_MS = 5_000

/** The version of WhatsApp Web this server says it is; WhatsApp refuses old ones with 405. */
export class WebVersion {
  readonly #network: WhatsAppNetwork
  readonly #log: Logger
  #current: WAVersion | undefined

  constructor(network: WhatsAppNetwork, log: Logger) {
    this.#network = network
    this.#log = log
  }

  /** The version fetched last; undefined means the one built into the library. */
  get current(): WAVersion | undefined {
    return this.#current
  }

  /** Asks web.whatsapp.com for its present version; on failure the last one stays. Does nothing in the sandbox. */
  async refresh(): Promise<void> {
    if (this.#network.simulated) return
    const { version, isLatest, error } = await fetchLatestWaWebVersion({
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (isLatest) this.#current = version
    else
      this.#log.warn(
        { err: error },
        'could not look up the current WhatsApp Web version; keeping the last one',
      )
  }
}
