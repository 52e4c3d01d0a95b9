import { ownMember } from '../../lib/own-member.ts'
import { processHistoryMessage, proto, type WASocket } from '../library/engine.ts'
import { userPart, withoutDevice } from '../wire/jid.ts'

const { RECENT, FULL, ON_DEMAND } = proto.Message.HistorySyncType
/** The parts that are mostly messages: up to a hundred megabytes in memory each. */
const BULKY = new Set<unknown>([RECENT, FULL, ON_DEMAND])

/**
 * The socket option `shouldSyncHistoryMessage`. The library reads the small parts itself, because the first of them
 * begins its synchronisation after linking; it also asks beforehand whether to wait for any at all.
 */
export function isReadByLibrary(notification: proto.Message.IHistorySyncNotification): boolean {
  const { syncType, directPath, initialHistBootstrapInlinePayload: inline } = notification
  const isQuestion = !directPath && !inline?.length
  return isQuestion || !BULKY.has(syncType)
}

/**
 * Tells the library who is who in a part of the history it was kept from reading: phone numbers and their LIDs, names,
 * tokens of trusted contacts. It would have read the whole part, messages included, into memory a second time.
 */
export async function learnPeople(socket: WASocket, history: proto.HistorySync): Promise<void> {
  const { lidPnMappings, contacts } = processHistoryMessage(withoutMessages(history))
  await socket.signalRepository.lidMapping.storeLIDPNMappings(lidPnMappings)
  await keepTokens(socket, history)
  const { syncType, progress } = history
  socket.ev.emit('messaging-history.set', { chats: [], messages: [], contacts, syncType, progress })
}

function withoutMessages(history: proto.HistorySync): proto.HistorySync {
  // The library takes messages out of what it is given.
  const conversations = history.conversations.map((chat) =>
    proto.Conversation.create({ ...chat, messages: [] }),
  )
  return proto.HistorySync.create({ ...history, conversations })
}

/** Without its token a message to somebody who does not know the account is refused (463). */
async function keepTokens({ authState: { keys } }: WASocket, history: proto.HistorySync): Promise<void> {
  const chats = history.conversations.flatMap(({ id, tcToken, tcTokenTimestamp: timestamp }) =>
    id && tcToken?.length && Number(timestamp) > 0 ? [{ id, tcToken, timestamp: String(timestamp) }] : [],
  )
  const lids = await keys.get(
    'lid-mapping',
    chats.map(({ id }) => userPart(id)),
  )
  const tokens = new Map(
    chats.map(({ id, tcToken, timestamp }) => {
      // The library files tokens under the LID where it knows one.
      const lid = ownMember(lids, userPart(id))
      return [lid ? `${lid}@lid` : withoutDevice(id), { token: Buffer.from(tcToken), timestamp }]
    }),
  )
  const known = await keys.get('tctoken', [...tokens.keys()])
  const newer = [...tokens].filter(
    ([jid, { timestamp }]) => Number(timestamp) > Number(ownMember(known, jid)?.timestamp ?? 0),
  )
  if (newer.length > 0) await keys.set({ tctoken: Object.fromEntries(newer) })
}
