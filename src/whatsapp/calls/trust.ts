import { isTcTokenExpired, shouldSendNewTcToken, type WASocket } from '../library/engine.ts'
import { bytesOf } from '../wire/node.ts'

/** The token by which a person trusts this account; undefined where there is none that counts. */
export async function trustOf(socket: WASocket, lid: string): Promise<Uint8Array | undefined> {
  const { [lid]: entry } = await socket.authState.keys.get('tctoken', [lid])
  if (!entry?.token?.length || isTcTokenExpired(entry.timestamp)) return undefined
  return bytesOf({ tag: 'tctoken', attrs: {}, content: entry.token })
}

/**
 * Gives whoever was called a token of this account, at most one a week: without it later offers may be refused with 463, as
 * several open implementations report.
 */
export async function giveTrust(socket: WASocket, { lid, to }: { lid: string; to: string }): Promise<void> {
  const { [lid]: entry } = await socket.authState.keys.get('tctoken', [lid])
  if (!shouldSendNewTcToken(entry?.senderTimestamp)) return
  const senderTimestamp = Math.floor(Date.now() / 1000)
  await socket.issuePrivacyTokens([to], senderTimestamp)
  const { [lid]: now } = await socket.authState.keys.get('tctoken', [lid])
  await socket.authState.keys.set({ tctoken: { [lid]: { token: Buffer.alloc(0), ...now, senderTimestamp } } })
}
