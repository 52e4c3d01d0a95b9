import { bare } from '../lib/jid.ts'
import type { Dropped } from './device.ts'

interface Owner {
  id: string
  /** As the user's row says it: with or without device, as older releases wrote it, or ''. */
  jid: string
  /** The device that whoever imports has named for this user. */
  chosen: string | undefined
}

interface Matched {
  /** '' for none. */
  device: string
  note?: Dropped
}

/**
 * Which of the linked devices belongs to which user: the one that its row names, else the only one of its number. Where a
 * number has several, somebody has to say which.
 */
export function matchDevices(
  owners: Owner[],
  devices: { jid: string }[],
): { of(id: string): Matched; strays: string[] } {
  const free = new Set(devices.map(({ jid }) => jid))
  const matched = new Map<string, Matched>()
  const take = (id: string, device: string) => {
    free.delete(device)
    matched.set(id, { device })
  }
  // What is named for sure goes first, whatever the order of the users.
  for (const { id, jid, chosen } of owners) {
    const named = chosen ?? jid.replace(/\.\d+(?=[:@])/, '')
    if (free.has(named)) take(id, named)
  }
  for (const { id, jid, chosen } of owners) {
    if (matched.has(id) || (jid === '' && chosen === undefined)) continue
    const wanted = chosen ?? jid
    const candidates = [...free].filter((device) => numberOf(device) === numberOf(wanted))
    const [only, ...others] = candidates
    if (only && others.length === 0 && chosen === undefined) take(id, only)
    else matched.set(id, { device: '', note: { what: 'device', whose: wanted, why: reason(candidates) } })
  }
  return { of: (id) => matched.get(id) ?? { device: '' }, strays: [...free].sort() }
}

function reason(candidates: string[]): string {
  if (candidates.length > 1)
    return `${candidates.join(' and ')} are devices of this number: say which one with --device`
  return 'the source has no such device: the phone has to be linked anew'
}

function numberOf(jid: string): string {
  return (bare(jid).split('@')[0] ?? '').replace(/\.\d+$/, '')
}
