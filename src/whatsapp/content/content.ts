import type { OutgoingMessage } from '../outbound/outgoing.ts'

/** What a message says, without whom it goes to: the protobuf, and how the stanza around it differs from a plain one. */
export type Content = Pick<OutgoingMessage, 'message' | 'attributes' | 'nodes'>
