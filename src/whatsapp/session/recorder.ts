import type { Event } from '../../events/event.ts'
import type { SessionCalls } from '../calls/calls.ts'
import { stanzaEvents, stanzaIds } from '../inbound/parse/stanza.ts'
import type { BinaryNode } from '../library/engine.ts'
import { runInRootContext } from '../library/patches/index.ts'
import type { Me } from '../wire/node.ts'
import type { SessionServices } from './services.ts'

/** Whose session it is. */
interface Account {
  /** Its own JIDs with device, '' while they are not known. */
  readonly me: Me
  /** The calls that this server takes part in. */
  readonly calls?: Pick<SessionCalls, 'find'>
}

/** Records what happens to one session, and whose account it is. */
export class Recorder {
  readonly #services: Pick<SessionServices, 'record' | 'linked'>
  readonly #userId: string
  readonly #account: Account
  #identity: Promise<void> | undefined

  constructor(services: Pick<SessionServices, 'record' | 'linked'>, userId: string, account: Account) {
    this.#services = services
    this.#userId = userId
    this.#account = account
  }

  /** Stores events; `ids` name what may be told again. */
  record(events: Event[], ids?: string[]): Promise<void> {
    return events.length ? this.#services.record(this.#userId, events, ids) : Promise.resolve()
  }

  /** Stores what a stanza means; undefined when it means nothing to a receiver. */
  recordStanza(node: BinaryNode): Promise<void> | undefined {
    const events = stanzaEvents(node, this.#account.me).map((event) => this.#namePeer(event))
    if (events.length === 0) return undefined
    return runInRootContext(async () => {
      // Receivers are told whose account it is with the very first event. An error may end what has not begun.
      if (this.#account.me.pn && node.tag !== 'stream:error') await this.noteIdentity()
      await this.record(events, stanzaIds(node, events))
    })
  }

  #namePeer(event: Event): Event {
    if (event.type !== 'call.accept' && event.type !== 'call.terminate') return event
    const call = this.#account.calls?.find(event.callId)
    return call ? { ...event, peer: call.peer } : event
  }

  /** Writes down whose account it is, once per connection. */
  noteIdentity(): Promise<void> {
    this.#identity ??= this.#services.linked(this.#userId, this.#account.me.pn)
    return this.#identity
  }

  /** The connection has ended: the next one may be another account's. */
  forgetIdentity(): void {
    this.#identity = undefined
  }
}
