import { newId } from './ids.ts'

/** An id for what only this node has; `nodeId` is '' where there is only one. */
export function newIdAt(nodeId: string): string {
  return nodeId === '' ? newId() : `${newId()}@${nodeId}`
}

/** The node that has what an id names; '' for any. */
export function nodeOfId(id: string): string {
  const at = id.indexOf('@')
  return at === -1 ? '' : id.slice(at + 1)
}
