import type { CallMedia } from '../../calls/call-media.ts'

/** Where a call stands. An outgoing one begins with `calling`, an incoming one with `ringing`. */
export type CallState = 'calling' | 'ringing' | 'connecting' | 'active' | 'ended'

/** A call that this session places or could take. */
export interface Call {
  /** As it is on the wire, letter by letter. */
  id: string
  direction: 'incoming' | 'outgoing'
  state: CallState
  /** JID of the other side without a device: the phone number where it is known, else the LID. */
  peer: string
  /** LID of the other side without a device. */
  peerLid: string
  /** Unix milliseconds, as the next two. */
  startedAt: number
  /** When it was taken. */
  answeredAt?: number
  endedAt?: number
  /**
   * Why it ended: `hangup`, `remote_hangup`, `rejected`, `busy`, `timeout`, `missed`, `accepted_elsewhere`,
   * `rejected_elsewhere`, `no_relay`, `no_media`, `refused:<code>`, `connection_lost`, `failed`; '' before.
   */
  reason: string
}

/** What happened in a call, without secrets, for reports from the real network. */
export interface CallDiary {
  call: Call
  /** Oldest first; `at` in milliseconds since the call began. */
  entries: { at: number; what: string; details?: Record<string, unknown> }[]
}

/** The calls of one session. Unknown ids throw `not_found`; what a call's state forbids throws `conflict`. */
export interface SessionCalls {
  /** Newest first: those that go on, and those that ended in the last ten minutes. */
  list(): Call[]
  find(id: string): Call | undefined
  /** Resolves when what has come in so far is known: who is told of a call may answer it at once. Never throws. */
  caughtUp(): Promise<void>
  /**
   * Calls somebody and resolves when WhatsApp has taken the offer.
   * @throws ApiError `not_found` without a LID of that number, `conflict` while another call goes on, `rate_limited` when
   * this server has too many, `upstream_refused` with WhatsApp's code, `upstream_timeout` without an answer,
   * `not_connected`.
   */
  make(to: string): Promise<Call>
  /** Takes a call that rings. Throws `conflict`, too, when it ends with that. */
  answer(id: string): Promise<Call>
  /** Rejects a call that rings. */
  reject(id: string): Promise<Call>
  /** Ends a call, or gives it up while it rings; one that has ended is left as it is. */
  hangUp(id: string): Promise<Call>
  /** The sound of a call from its offer to its end. Throws `conflict` when it has none. */
  mediaOf(id: string): CallMedia
  /** The same, once it is there where it is being opened. */
  openMediaOf(id: string): Promise<CallMedia>
  diary(id: string): CallDiary
}
