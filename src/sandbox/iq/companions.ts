import { type QueryFamily, refusals } from './query.ts'

/** `md`: an account's companions remove themselves or each other. */
export const companions: Record<string, QueryFamily> = {
  md({ network, from, what }) {
    if (what.tag !== 'remove-companion-device') return undefined
    const device = network.findDevice(what.attrs.jid ?? '')
    if (!device || device.account !== from.account || device.id === 0) throw refusals.notFound()
    network.removeDevice(device)
    // A device that removes itself closes on its own, without reading anything more.
    if (device !== from) device.removed?.()
    return undefined
  },
}
