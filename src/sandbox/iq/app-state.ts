import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import type { Account, Device } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { bytes, child, children, node, SERVICE } from '../world/node.ts'
import { type QueryFamily, refusals } from './query.ts'

/**
 * `w:sync:app:state`: settings that an account's devices share, encrypted, as a list of patches per collection.
 * The service hands out what is newer than the reader's version and refuses a patch that was made for an older one.
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
  const patches = patchesOf(from.account, name)
  const known = Number(version)
  const added = bytes(child(collection, 'patch'))
  if (!added) return newerThan(known, name, patches)

  if (known !== patches.length) {
    return node('collection', { name, type: 'error', version: patches.length }, [
      node('error', { code: 409, text: 'conflict' }),
    ])
  }
  const patch = proto.SyncdPatch.decode(added)
  patch.version = { version: known + 1 }
  patches.push(proto.SyncdPatch.encode(patch).finish())
  const changed = node('collection', { name, version: patches.length })
  const others = [...from.account.devices.values()].filter((device) => device !== from)
  network.notifyDevices(others, { from: SERVICE, type: 'server_sync' }, [changed])
  return changed
}

function newerThan(known: number, name: string, patches: Uint8Array[]): BinaryNode {
  const missing = patches.slice(known).map((patch) => node('patch', {}, patch))
  const attrs = { name, version: patches.length, has_more_patches: 'false' }
  return node('collection', attrs, missing.length > 0 ? [node('patches', {}, missing)] : undefined)
}

/** A collection's version is the number of its patches. */
function patchesOf(account: Account, name: string): Uint8Array[] {
  const existing = account.appState.get(name)
  if (existing) return existing
  const patches: Uint8Array[] = []
  account.appState.set(name, patches)
  return patches
}
