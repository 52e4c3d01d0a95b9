import type { Glossary } from '../../../http/document/words.ts'
import { eventFields } from './glossary/events.ts'
import { messagesFields } from './glossary/messages.ts'
import { peopleFields } from './glossary/people.ts'
import { serverFields } from './glossary/server.ts'

/**
 * What fields of these names mean in every dialect, with a value that one could have. Names are in small letters without
 * underscores: `ChatJID`, `chat_jid` and `chatJid` are one. A field that says something of itself, and a dialect that has
 * words of its own, come first.
 */
export const glossary: Glossary = { ...eventFields, ...serverFields, ...peopleFields, ...messagesFields }
