import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Device } from './account.ts'
import { child } from './node.ts'

// The oldest are forgotten; their number is not.
const MAX_KEPT = 500

/** A device could not decrypt a message and asked its author for another copy. */
export interface RetryRequest {
  /** JID of the device that asked. */
  by: string
  /** Whether that device is a linked one and not a phone. */
  byCompanion: boolean
  /** JID of the device that was asked. */
  author: string
  /** The message. */
  id: string
  /** 1 for the first request for this message. */
  count: number
  /** Whether it handed over keys for a new session. */
  hasKeys: boolean
}

/** Every retry receipt of the network: without faults there is none, for each stands for keys that do not match. */
export class RetryRequests {
  readonly latest: RetryRequest[] = []
  total = 0

  note(from: Device, receipt: BinaryNode): void {
    const { id = '', to = '', participant } = receipt.attrs
    this.total += 1
    this.latest.push({
      by: from.account.jid(from.id),
      byCompanion: from.id !== 0,
      author: participant ?? to,
      id,
      count: Number(child(receipt, 'retry')?.attrs.count ?? 1),
      hasKeys: child(receipt, 'keys') !== undefined,
    })
    if (this.latest.length > MAX_KEPT) this.latest.shift()
  }
}
