import { success } from '../wago.ts'

/** An example of the reference document: its request, and the reply that the contract prints for it. */
export interface Example {
  request: string
  /**
   * As printed, except that `$name` stands for what exists where the document was written and nowhere else: pictures,
   * groups, channels, ids of messages. `$image file` and the like are what a message says of a file.
   */
  body?: unknown
  /** Whose request it is; a linked session's when left out. */
  of?: Caller
  /** Every member must be there and of the printed kind; sentences must be the same. */
  reply: unknown
  /** What is answered instead, and why. */
  differs?: { why: string; status: number; reply: unknown }
}

/** The sessions of the examples: two nobody has connected, two linked ones that are closed, and one that unlinks. */
export type Caller = 'fresh' | 'pairing' | 'closing' | 'leaving'

export function done(Details: string): object {
  return success({ Details })
}

export const sent = {
  code: 200,
  data: { Details: 'Sent', Id: '3EB06F9067F80BAB89FF', Timestamp: '2026-01-01T12:00:00Z' },
  success: true,
}

export const group = {
  JID: '120363000000000000@g.us',
  Name: 'Family Group',
  OwnerJID: '987654321@s.whatsapp.net',
  Topic: '',
  IsLocked: false,
  IsAnnounce: false,
  IsEphemeral: false,
  DisappearingTimer: 0,
  GroupCreated: '2026-01-01T12:00:00Z',
  Participants: [{ JID: '987654321@s.whatsapp.net', IsAdmin: true, IsSuperAdmin: true }],
}

export const newsletter = {
  id: '120363222222222222@newsletter',
  state: { type: 'active' },
  thread_metadata: {
    invite: 'KEY',
    name: { text: 'My Newsletter' },
    description: { text: '…' },
    subscribers_count: '1',
  },
  viewer_metadata: { role: 'owner', mute: 'off' },
}
