import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import type { Account, Device } from './account.ts'
import type { Network } from './network.ts'
import { node, SERVICE } from './node.ts'

/**
 * The account's other devices hear of a change after whoever wrote at the same moment has been answered: a client that is
 * told of the patch and refused for its sake at once applies it twice (whatsmeow 2026-09-21).
 */
const TOLD_AFTER_MS = 100

/** Keeps a patch under the next version and tells those devices; returns the collection as it now stands. */
export function appendPatch(
  network: Network,
  account: Account,
  change: { collection: string; patch: Uint8Array; told: Device[] },
): BinaryNode {
  const patches = patchesOf(account, change.collection)
  const patch = proto.SyncdPatch.decode(change.patch)
  patch.version = { version: patches.length + 1 }
  patches.push(proto.SyncdPatch.encode(patch).finish())
  const changed = node('collection', { name: change.collection, version: patches.length })
  const tell = () => network.notifyDevices(change.told, { from: SERVICE, type: 'server_sync' }, [changed])
  setTimeout(tell, TOLD_AFTER_MS).unref()
  return changed
}

/** A collection's version is the number of its patches. */
export function patchesOf(account: Account, name: string): Uint8Array[] {
  const existing = account.appState.get(name)
  if (existing) return existing
  const patches: Uint8Array[] = []
  account.appState.set(name, patches)
  return patches
}
