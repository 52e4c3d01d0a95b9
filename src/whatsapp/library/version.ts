import type { Logger } from '../../lib/process/logger.ts'
import { DEFAULT_CONNECTION_CONFIG, fetchLatestWaWebVersion, type WAVersion } from './engine.ts'
import type { WhatsAppNetwork } from './network.ts'

const TIMEOUT_MS = 5_000

/** Which version this process says it is, and how the last look for a newer one ended. */
export interface WebVersionStatus {
  version: WAVersion
  /** Unix milliseconds of the last look, failed ones included; null before the first. */
  refreshedAt: number | null
  /** Why the last look failed, '' when it did not. */
  error: string
}

/** The version of WhatsApp Web this server says it is; WhatsApp refuses old ones with 405. */
export class WebVersion {
  readonly #network: WhatsAppNetwork
  readonly #log: Logger
  #current: WAVersion | undefined
  #refreshedAt: number | null = null
  #error = ''

  constructor(network: WhatsAppNetwork, log: Logger) {
    this.#network = network
    this.#log = log
  }

  /** The version fetched last; undefined means the one built into the library. */
  get current(): WAVersion | undefined {
    return this.#current
  }

  get status(): WebVersionStatus {
    return {
      version: this.#current ?? DEFAULT_CONNECTION_CONFIG.version,
      refreshedAt: this.#refreshedAt,
      error: this.#error,
    }
  }

  /** Asks web.whatsapp.com for its present version; on failure the last one stays. The sandbox takes every version. */
  async refresh(): Promise<void> {
    this.#refreshedAt = Date.now()
    this.#error = ''
    if (this.#network.simulated) return
    const { version, isLatest, error } = await fetchLatestWaWebVersion({
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (isLatest) {
      this.#current = version
      return
    }
    this.#error = 'the current version could not be read from web.whatsapp.com'
    this.#log.warn({ err: error }, 'could not look up the current WhatsApp Web version; keeping the last one')
  }
}
