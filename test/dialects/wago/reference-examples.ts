import { businessExamples } from './reference/business.ts'
import { callsExamples } from './reference/calls.ts'
import { chatsExamples } from './reference/chats.ts'
import type { Example } from './reference/example.ts'
import { groupsExamples } from './reference/groups.ts'
import { messagesExamples } from './reference/messages.ts'
import { moreSendingExamples } from './reference/more-sending.ts'
import { newslettersExamples } from './reference/newsletters.ts'
import { peopleExamples } from './reference/people.ts'
import { sendingExamples } from './reference/sending.ts'
import { sessionsExamples } from './reference/sessions.ts'

/** All examples of the reference document, in an order in which each finds what it needs. */
export const examples: Example[] = [
  ...sendingExamples,
  ...moreSendingExamples,
  ...peopleExamples,
  ...messagesExamples,
  ...chatsExamples,
  ...groupsExamples,
  ...newslettersExamples,
  ...businessExamples,
  ...callsExamples,
  ...sessionsExamples,
]
