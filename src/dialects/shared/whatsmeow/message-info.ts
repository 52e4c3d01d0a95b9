import type { MessageFacts, Source, VerifiedName, XmlNode } from '../../../events/event-parts.ts'
import { type GoValue, goProto } from '../go/proto.ts'
import { sortedMembers } from '../go/stringify.ts'
import { goTime, goTimeMs } from '../go/time.ts'

type GoObject = { [key: string]: GoValue }

/** whatsmeow's `MessageSource`: the first members of messages, receipts and chat presence. */
export function messageSource(source: Source): GoObject {
  return {
    Chat: source.chat,
    Sender: source.sender,
    IsFromMe: source.fromMe,
    IsGroup: source.isGroup,
    AddressingMode: source.addressingMode,
    SenderAlt: source.senderAlt,
    RecipientAlt: source.recipientAlt,
    BroadcastListOwner: source.broadcastListOwner,
    BroadcastRecipients: source.broadcastRecipients?.map(({ lid, pn }) => ({ LID: lid, PN: pn })) ?? null,
  }
}

/** whatsmeow's `MessageInfo`: the member `Info` of messages. */
export function messageInfo(
  facts: MessageFacts,
  deviceSent: { destinationJid: string; phash: string } | null,
  timeZone: string,
): GoObject {
  return {
    ...messageSource(facts),
    ID: facts.id,
    ServerID: facts.serverId,
    Type: facts.stanzaType,
    PushName: facts.pushName,
    Timestamp: goTime(facts.timestamp, timeZone),
    Category: facts.category,
    Multicast: facts.multicast,
    MediaType: facts.mediaType,
    Edit: facts.edit,
    MsgBotInfo: {
      EditType: facts.bot.editType,
      EditTargetID: facts.bot.editTargetId,
      EditSenderTimestampMS: goTimeMs(facts.bot.editSenderTimestampMs, timeZone),
    },
    MsgMetaInfo: {
      TargetID: facts.meta.targetId,
      TargetSender: facts.meta.targetSender,
      TargetChat: facts.meta.targetChat,
      DeprecatedLIDSession: facts.meta.deprecatedLidSession,
      ThreadMessageID: facts.meta.threadMessageId,
      ThreadMessageSenderJID: facts.meta.threadMessageSender,
    },
    IsNewsletterStatus: facts.isNewsletterStatus,
    VerifiedName: facts.verifiedName && verifiedName(facts.verifiedName, timeZone),
    DeviceSentMeta: deviceSent && { DestinationJID: deviceSent.destinationJid, Phash: deviceSent.phash },
  }
}

/** A stanza element as Go prints a binary node: `{"Tag","Attrs","Content"}`, attributes sorted, null when there are none. */
export function goNode({ tag, attrs, content }: XmlNode): GoObject {
  const members = sortedMembers(attrs).map(([key, value]) => [key, String(value)])
  return {
    Tag: tag,
    Attrs: members.length ? Object.fromEntries(members) : null,
    Content: Array.isArray(content) ? content.map(goNode) : content,
  }
}

/** whatsmeow's `VerifiedName`: the certificate of a business's name. */
export function verifiedName(name: VerifiedName, timeZone: string): GoObject {
  return {
    Certificate: goProto(name.certificate),
    Details: goProto(name.details),
    VerifiedLevel: name.level,
    Version: name.version,
    HostStorage: name.hostStorage,
    ActualActors: name.actualActors,
    PrivacyModeTS: goTime(name.privacyModeAt, timeZone),
  }
}
