import type { Dropped } from './device.ts'

/** A place that has a device, and how fresh it is. */
export interface DevicePlace {
  name: string
  /** JID with device part, '' for none. */
  device: string
  /** Unix milliseconds of the last change. */
  changedAt: number
}

/**
 * Which places are a copy of another one: of several that have the same device the one that was changed last counts, for
 * two that log in throw each other out, and an older one would repeat keys.
 */
export function copiesAmong(places: DevicePlace[]): Map<string, Dropped> {
  const newest = new Map<string, DevicePlace>()
  for (const place of places) {
    const known = newest.get(place.device)
    if (!known || known.changedAt < place.changedAt) newest.set(place.device, place)
  }
  const copies = new Map<string, Dropped>()
  for (const { name, device } of places) {
    const first = newest.get(device)
    if (device && first && first.name !== name)
      copies.set(name, { what: 'device', whose: name, why: `${first.name} has the same one, and is newer` })
  }
  return copies
}
