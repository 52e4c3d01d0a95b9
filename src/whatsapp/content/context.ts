import { proto } from '../library/engine.ts'

/** A message that another one quotes. */
export interface Quoted {
  id: string
  /** JID of the quoted message's author. */
  participant: string
  /** The quoted message as protobuf-style JSON (camelCase names, base64 bytes); an empty text when absent. */
  message?: Record<string, unknown>
}

/** What any message may carry besides its content. */
export interface ContextInput {
  quoted?: Quoted
  /** JIDs mentioned in the text. */
  mentions?: string[]
  /** Everybody in the group is mentioned, by the word `@all` rather than by name; `mentions` has them for older phones. */
  everybody?: boolean
  forwarded?: boolean
}

/** The `contextInfo` member for a message's content; empty when there is nothing to say. */
export function contextInfo({ quoted, mentions, everybody, forwarded }: ContextInput): {
  contextInfo?: proto.IContextInfo
} {
  if (!quoted && !mentions?.length && !everybody && !forwarded) return {}
  return {
    contextInfo: {
      ...(quoted && {
        stanzaId: quoted.id,
        participant: quoted.participant,
        quotedMessage: proto.Message.fromObject(quoted.message ?? { conversation: '' }),
      }),
      ...(mentions?.length && { mentionedJid: mentions }),
      // How many mentions name nobody; `@all` is the only one there is.
      ...(everybody && { nonJidMentions: 1 }),
      ...(forwarded && { isForwarded: true }),
    },
  }
}
