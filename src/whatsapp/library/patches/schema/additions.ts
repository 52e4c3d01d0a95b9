/**
 * What WhatsApp's schema of September 2026 has and the library's has not. Without it, such a message is decoded to an
 * empty one, and what is forwarded or sent again loses these parts. Field numbers: whatsmeow's schema of 2026-08-21;
 * names as the library writes names.
 */
import { proto } from '@whiskeysockets/baileys/WAProto/index.js'
import type { Field, Fields, MessageClass } from './field-codec.ts'
import { addFields, messageClass } from './message-class.ts'

// The generated classes say more about their types than is needed here.
const library = (type: unknown) => () => type as MessageClass

const string = (id: number): Field => ({ id, type: 'string' })
const bytes = (id: number): Field => ({ id, type: 'bytes' })
const bool = (id: number): Field => ({ id, type: 'bool' })
const int32 = (id: number): Field => ({ id, type: 'int32' })
const uint32 = (id: number): Field => ({ id, type: 'uint32' })
const int64 = (id: number): Field => ({ id, type: 'int64' })
const message = (id: number, type: () => MessageClass): Field => ({ id, type })
const messages = (id: number, type: () => MessageClass): Field => ({ id, type, repeated: true })

const { Message } = proto
const contextInfo = library(proto.ContextInfo)
const futureProof = library(Message.FutureProofMessage)
const money = library(proto.Money)
const key = library(proto.MessageKey)

const PollAddOption = messageClass({
  pollCreationMessageKey: message(1, key),
  addOption: message(2, library(Message.PollCreationMessage.Option)),
  metadata: message(3, library(Message.PollUpdateMessageMetadata)),
})

const ConditionalReveal = messageClass({
  encPayload: bytes(1),
  encIv: bytes(2),
  /** 1 = a message that was scheduled. */
  conditionalRevealMessageType: int32(3),
  revealKeyId: string(4),
})

const EventInvite = messageClass({
  contextInfo: message(1, contextInfo),
  eventId: string(2),
  eventTitle: string(3),
  jpegThumbnail: bytes(4),
  startTime: int64(5),
  caption: string(6),
  isCanceled: bool(7),
  endTime: int64(8),
  callLink: string(9),
})

const PaymentReminder = messageClass({
  reminderId: string(1),
  instanceId: string(2),
  description: string(3),
  frequency: int32(4),
  status: int32(5),
  payeeVpa: string(6),
  payeeJid: string(7),
  payerJid: string(8),
  amount: message(9, money),
})

const SplitPaymentParticipant = messageClass({
  jid: string(1),
  amount: message(2, money),
  status: int32(3),
})

const SplitPayment = messageClass({
  splitId: string(1),
  totalAmount: message(2, money),
  description: string(3),
  requesterJid: string(4),
  participants: messages(5, () => SplitPaymentParticipant),
  createdAtMs: int64(6),
  contextInfo: message(17, contextInfo),
})

const SplitPaymentUpdate = messageClass({ splitId: string(1), participantJid: string(2) })

const Music = messageClass({
  embeddedMusic: message(1, library(proto.EmbeddedMusic)),
  songUri: string(2),
  artworkUri: string(3),
  style: int32(4),
  contextInfo: message(5, contextInfo),
})

// The key itself is left out: what is told and stored needs to say only that there was one.
const GroupRootKeyShareEntry = messageClass({
  keyId: string(2),
  expiryTimestampMs: int64(3),
  createdTimestampMs: int64(4),
})

const GroupRootKeyShare = messageClass({ keys: messages(1, () => GroupRootKeyShareEntry) })
const RootSecretDistribute = messageClass({ chatJid: string(1) })
const StatusLinkPreview = messageClass({ style: int32(1) })

const MESSAGE: Fields = {
  // The library has it under 114.
  pollResultSnapshotMessageV3: message(115, library(Message.PollResultSnapshotMessage)),
  newsletterAdminProfileMessage: message(116, futureProof),
  spoilerMessage: message(118, futureProof),
  pollCreationMessageV6: message(119, library(Message.PollCreationMessage)),
  conditionalRevealMessage: message(120, () => ConditionalReveal),
  pollAddOptionMessage: message(121, () => PollAddOption),
  eventInviteMessage: message(122, () => EventInvite),
  groupRootKeyShare: message(123, () => GroupRootKeyShare),
  paymentReminderMessage: message(124, () => PaymentReminder),
  splitPaymentMessage: message(125, () => SplitPayment),
  newsletterAdminProfileStatusMessage: message(126, futureProof),
  rootSecretDistributeMessage: message(127, () => RootSecretDistribute),
  splitPaymentUpdateMessage: message(128, () => SplitPaymentUpdate),
  musicMessage: message(129, () => Music),
  statusLinkPreviewMetadata: message(130, () => StatusLinkPreview),
  botPlatformRegistrationSuccessMessage: message(131, futureProof),
}

const ADDITIONS: [type: unknown, fields: Fields][] = [
  [Message, MESSAGE],
  [
    Message.PollCreationMessage,
    { endTime: int64(9), hideParticipantName: bool(10), allowAddOption: bool(11) },
  ],
  [Message.PollUpdateMessageMetadata, { pollNameHash: bytes(1), lastEditStanzaId: string(2) }],
  [Message.SecretEncryptedMessage, { remoteKeyId: string(5) }],
  [Message.StickerMessage, { premium: int32(24), emojis: string(25) }],
  [Message.ContactMessage, { isSelfContact: bool(18) }],
  [Message.ProtocolMessage, { afterReadDuration: uint32(29) }],
  [proto.ContextInfo, { isSpoiler: bool(73), afterReadDuration: uint32(76), posterStatusId: string(79) }],
]

for (const [type, fields] of ADDITIONS) addFields(type as MessageClass, fields)

declare module '@whiskeysockets/baileys/WAProto/index.js' {
  namespace proto {
    interface IMessage {
      newsletterAdminProfileMessage?: Message.IFutureProofMessage | null
      spoilerMessage?: Message.IFutureProofMessage | null
      pollCreationMessageV6?: Message.IPollCreationMessage | null
      conditionalRevealMessage?: {
        encPayload?: Uint8Array | null
        encIv?: Uint8Array | null
        conditionalRevealMessageType?: number | null
        revealKeyId?: string | null
      } | null
      pollAddOptionMessage?: {
        pollCreationMessageKey?: IMessageKey | null
        addOption?: Message.PollCreationMessage.IOption | null
      } | null
      eventInviteMessage?: {
        contextInfo?: IContextInfo | null
        eventId?: string | null
        eventTitle?: string | null
        jpegThumbnail?: Uint8Array | null
        startTime?: number | Long | null
        caption?: string | null
        isCanceled?: boolean | null
        endTime?: number | Long | null
        callLink?: string | null
      } | null
      paymentReminderMessage?: {
        reminderId?: string | null
        instanceId?: string | null
        description?: string | null
        frequency?: number | null
        status?: number | null
        payeeJid?: string | null
        payerJid?: string | null
        amount?: IMoney | null
      } | null
      splitPaymentMessage?: {
        splitId?: string | null
        totalAmount?: IMoney | null
        description?: string | null
        requesterJid?: string | null
        participants?: { jid?: string | null; amount?: IMoney | null; status?: number | null }[] | null
        createdAtMs?: number | Long | null
        contextInfo?: IContextInfo | null
      } | null
      splitPaymentUpdateMessage?: { splitId?: string | null; participantJid?: string | null } | null
      musicMessage?: { embeddedMusic?: IEmbeddedMusic | null; songUri?: string | null } | null
      newsletterAdminProfileStatusMessage?: Message.IFutureProofMessage | null
      botPlatformRegistrationSuccessMessage?: Message.IFutureProofMessage | null
    }
    namespace Message {
      interface IPollCreationMessage {
        endTime?: number | Long | null
        hideParticipantName?: boolean | null
        allowAddOption?: boolean | null
      }
    }
  }
}
