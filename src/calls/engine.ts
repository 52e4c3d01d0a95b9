import { createHash } from 'node:crypto'
import { ApiError } from '../lib/errors.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Ffmpeg } from '../media/convert/ffmpeg.ts'
import type { BridgeNetwork } from './bridge.ts'
import { CallMedia, type CallMediaOptions } from './call-media.ts'
import { deviceJidForKeys } from './keys.ts'

/** What every call of this process has in common. */
export interface CallEngineOptions {
  ffmpeg: Ffmpeg
  /** Where browsers find this server. */
  network: BridgeNetwork
  log: Pick<Logger, 'debug' | 'info'>
}

/** What one call adds to it. */
export type CallOptions = Omit<CallMediaOptions, keyof CallEngineOptions>

/** Calls at the same time; each takes a few per cent of a core. */
const MAX_CALLS = 32
/** Keys that are remembered; a call is over long before so many others have begun. */
const MAX_USED_KEYS = 10_000

/** The media of the calls of this process. It knows nothing of WhatsApp but what its relays and its phones expect. */
export class CallEngine {
  readonly #options: CallEngineOptions
  readonly #calls = new Set<CallMedia>()
  /** Digests of the keys that were sent with: numbers of packets begin anew with every call, and with no other key. */
  readonly #usedKeys = new Set<string>()
  #opening = 0
  #isStopped = false

  constructor(options: CallEngineOptions) {
    this.#options = options
  }

  /** How many calls have media, or are about to. */
  get size(): number {
    return this.#calls.size + this.#opening
  }

  /** Throws `rate_limited` when there are too many calls for another one. */
  requireRoom(): void {
    if (this.#isStopped || this.size >= MAX_CALLS)
      throw new ApiError('rate_limited', { text: 'there are too many calls' })
  }

  /**
   * Opens the media of a call, which connects to its relays and waits for `start`.
   * @throws ApiError `rate_limited` when there are too many, `conflict` when this device had media with this key before:
   * the same numbers would go out a second time, which gives both payloads away; RangeError for a key of another length.
   */
  async openCallMedia(call: CallOptions): Promise<CallMedia> {
    this.requireRoom()
    this.#useKey(call)
    this.#opening++
    try {
      const media = await CallMedia.open({
        ...this.#options,
        ...call,
        onEvent: (event) => {
          if (event.type === 'closed') this.#calls.delete(media)
          call.onEvent(event)
        },
      })
      this.#calls.add(media)
      if (this.#isStopped) await media.close()
      return media
    } finally {
      this.#opening--
    }
  }

  #useKey({ callKey, ownJid }: CallOptions): void {
    const used = createHash('sha256').update(callKey).update(deviceJidForKeys(ownJid)).digest('base64')
    if (this.#usedKeys.has(used)) throw new ApiError('conflict', { text: 'the call had media before' })
    this.#usedKeys.add(used)
    const [oldest] = this.#usedKeys
    if (this.#usedKeys.size > MAX_USED_KEYS && oldest !== undefined) this.#usedKeys.delete(oldest)
  }

  /** Ends every call; recordings are complete when it resolves. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all([...this.#calls].map((media) => media.close()))
  }
}
