import { newId } from '../lib/ids.ts'
import { persistedSecret } from '../lib/secrets/persisted-secret.ts'

/**
 * The id of this node: the configured one, else the one generated at the first start and kept in `dataDir/node-id`. A
 * node that keeps its id takes its sessions back at once when it is started again. Workers of one node share its id
 * but for a number.
 */
export async function nodeId(config: { nodeId?: string; dataDir: string }, worker?: number): Promise<string> {
  const id = config.nodeId ?? (await persistedSecret(config.dataDir, 'node-id', () => newId().slice(0, 12)))
  return worker === undefined ? id : `${id}-${worker}`
}
