import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import type { Device } from '../world/account.ts'
import { appendPatch, patchesOf } from '../world/app-state-store.ts'
import type { Network } from '../world/network.ts'
import { bytes, child, children, node } from '../world/node.ts'
import { type QueryFamily, refusals } from './query.ts'

/** The collections there are (whatsmeow 2026-09-21 and the library know the same five). */
const COLLECTIONS = new Set([
  'critical_block',
  'critical_unblock_low',
  'regular_high',
  'regular_low',
  'regular',
])

/**
 * `w:sync:app:state`: settings that an account's devices share, encrypted, as a list of patches per collection.
 * The service hands out what is newer than the reader's version. It refuses a patch that was made for an older one,
 * and hands out what is newer beside the refusal, so that the writer can apply that and try again.
 */
export const appState: Record<string, QueryFamily> = {
  'w:sync:app:state'({ network, from, what }) {
    if (what.tag !== 'sync') throw refusals.badRequest()
    return [
      node(
        'sync',
        {},
        children(what).map((collection) => answerCollection(network, from, collection)),
      ),
    ]
  },
}

function answerCollection(network: Network, from: Device, collection: BinaryNode): BinaryNode {
  const { name = '', version = '0' } = collection.attrs
  const patch = bytes(child(collection, 'patch'))
  if (!COLLECTIONS.has(name) || (patch && !isPatch(patch))) {
    return node('collection', { name, type: 'error' }, [node('error', { code: 400, text: 'bad-request' })])
  }
  const patches = patchesOf(from.account, name)
  const known = Number(version)
  if (!patch) {
    const attrs = { name, version: patches.length, has_more_patches: 'false' }
    const newer = newerThan(known, patches)
    return node('collection', attrs, newer.length > 0 ? newer : undefined)
  }
  if (known !== patches.length) {
    const attrs = { name, type: 'error', version: patches.length, has_more_patches: 'false' }
    const refusal = node('error', { code: 409, text: 'conflict' })
    return node('collection', attrs, [refusal, ...newerThan(known, patches)])
  }
  const told = [...from.account.devices.values()].filter((device) => device !== from)
  return appendPatch(network, from.account, { collection: name, patch, told })
}

/** The service numbers the patches, so it has to make them out. */
function isPatch(encoded: Uint8Array): boolean {
  try {
    proto.SyncdPatch.decode(encoded)
    return true
  } catch {
    // No protobuf.
    return false
  }
}

function newerThan(known: number, patches: Uint8Array[]): BinaryNode[] {
  const missing = patches.slice(known).map((patch) => node('patch', {}, patch))
  return missing.length > 0 ? [node('patches', {}, missing)] : []
}
