import { type BinaryNode, Curve } from '../../whatsapp/library/engine.ts'
import { SignalEndpoint } from '../peer/signal-endpoint.ts'
import type { Account, Device, KeyBundle } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { TaskQueue } from '../world/task-queue.ts'
import { PhoneLine } from './phone-line.ts'

/** A companion of a contact that can do nothing but take part in calls; it is not saved. */
export class SecondDevice implements Device {
  readonly account: Account
  readonly id: number
  readonly keyIndex: number
  readonly line: PhoneLine
  readonly #signal: SignalEndpoint

  constructor(network: Network, account: Account) {
    this.account = account
    this.id = account.nextDeviceId()
    this.keyIndex = this.id
    this.#signal = new SignalEndpoint(account.lidJid(this.id), Curve.generateKeyPair())
    const queue = new TaskQueue()
    this.line = new PhoneLine({
      network,
      device: this,
      signal: this.#signal,
      run: (task) => queue.run(task),
      failed: (_stanza, error) => process.emitWarning(error instanceof Error ? error : String(error)),
    })
  }

  takeBundle(): KeyBundle {
    return this.#signal.takeBundle()
  }

  deliver(stanza: BinaryNode): void {
    if (stanza.tag === 'call' || (stanza.tag === 'ack' && stanza.attrs.class === 'call'))
      this.line.take(stanza)
  }
}

/** Gives a contact so many devices that take part in calls beside its phone. */
export function addSecondDevices(network: Network, account: Account, count: number): SecondDevice[] {
  const known = [...account.devices.values()].filter((device) => device instanceof SecondDevice)
  for (let missing = count - known.length; missing > 0; missing--) {
    const device = new SecondDevice(network, account)
    network.addDevice(device)
    known.push(device)
  }
  return known
}
