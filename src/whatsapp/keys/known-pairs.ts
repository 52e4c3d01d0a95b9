import {
  isHostedPnUser,
  isLidUser,
  isPnUser,
  jidDecode,
  type SignalRepositoryWithLIDStore,
} from '../library/engine.ts'
import type { PairCache } from './key-store.ts'

type Pairs = SignalRepositoryWithLIDStore['lidMapping']

/**
 * Has the library's table of LIDs and numbers remember its pairs in `cache`, and answer at once what is remembered. It is
 * asked several times with every message, and sets out each time to look many pairs up together. What it answers is the
 * same: a LID with the device of its number, a number always with a device.
 */
export function rememberPairs(pairs: Pairs, cache: PairCache): void {
  const lidForPn = pairs.getLIDForPN.bind(pairs)
  const pnForLid = pairs.getPNForLID.bind(pairs)
  Object.assign(pairs, {
    // A private member of the library's table, which nothing else sets.
    mappingCache: cache,
    getLIDForPN: async (pn: string) => knownLid(cache, pn) ?? lidForPn(pn),
    getPNForLID: async (lid: string) => knownPn(cache, lid) ?? pnForLid(lid),
  })
}

function knownLid(cache: PairCache, pn: string): string | undefined {
  const decoded = isPnUser(pn) || isHostedPnUser(pn) ? jidDecode(pn) : undefined
  const lid = decoded && cache.get(`pn:${decoded.user}`)
  if (!lid) return undefined
  const device = decoded.device ? `:${decoded.device}` : ''
  return `${lid}${device}@${decoded.server === 'hosted' ? 'hosted.lid' : 'lid'}`
}

function knownPn(cache: PairCache, lid: string): string | undefined {
  const decoded = isLidUser(lid) ? jidDecode(lid) : undefined
  const pn = decoded && cache.get(`lid:${decoded.user}`)
  return pn ? `${pn}:${decoded.device ?? 0}@s.whatsapp.net` : undefined
}
