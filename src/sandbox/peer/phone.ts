import { proto } from '../../whatsapp/library/engine.ts'
import { type HistoryPost, messagesOf, olderMessages, type PastChats } from './history.ts'
import type { SharedSettings } from './shared-settings.ts'

const { PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE } = proto.Message.ProtocolMessage.Type

type OperationResult = proto.Message.PeerDataOperationRequestResponseMessage.IPeerDataOperationResult

/** What a phone answers its companions from. */
export interface PhoneArchive {
  past: PastChats
  post: HistoryPost
  settings: SharedSettings
}

/** Answers what a companion asks of its phone in a peer message; undefined where there is nothing to answer. */
export async function answerCompanion(
  requestId: string,
  { protocolMessage }: proto.IMessage,
  archive: PhoneArchive,
): Promise<proto.IMessage | undefined> {
  const keys = protocolMessage?.appStateSyncKeyRequest
  if (keys) return archive.settings.key.answerRequest(keys)

  const request = protocolMessage?.peerDataOperationRequestMessage
  if (!request) return undefined
  const older = request.historySyncOnDemandRequest
  if (older) return olderMessages(requestId, older, archive)
  const peerDataOperationResult = await resultsOf(request, archive)
  return {
    protocolMessage: {
      type: PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        stanzaId: requestId,
        peerDataOperationRequestType: request.peerDataOperationRequestType,
        peerDataOperationResult,
      },
    },
  }
}

async function resultsOf(
  request: proto.Message.IPeerDataOperationRequestMessage,
  { past, settings }: PhoneArchive,
): Promise<OperationResult[]> {
  const lost = request.syncdCollectionFatalRecoveryRequest?.collectionName
  if (lost) {
    const collectionSnapshot = await settings.snapshot(lost)
    if (!collectionSnapshot) return []
    return [{ syncdSnapshotFatalRecoveryResponse: { collectionSnapshot, isCompressed: true } }]
  }
  const ids = request.placeholderMessageResendRequest?.map(({ messageKey }) => messageKey?.id) ?? []
  const found = messagesOf(past).filter(({ key }) => ids.includes(key?.id))
  return found.map((message) => ({
    placeholderMessageResendResponse: {
      webMessageInfoBytes: proto.WebMessageInfo.encode(message).finish(),
    },
  }))
}
