import type { SharedCaches } from '../library/caches.ts'
import type { BinaryNode, GroupMetadata, WASocket } from '../library/engine.ts'
import { isTemporary } from '../library/faults.ts'

/**
 * The groups of one session as WhatsApp describes them, fetched once: without that the library asks before every group
 * message.
 */
export class GroupDirectory {
  readonly #groups: SharedCaches['groups']
  readonly #prefix: string
  readonly #asked = new Map<string, Promise<GroupMetadata>>()
  /** Questions that WhatsApp failed to answer, by group. */
  readonly #unanswered = new Map<string, { at: number; error: unknown }>()
  #socket: WASocket | undefined
  #used: { jid: string; group: GroupMetadata | undefined } | undefined

  constructor(caches: Pick<SharedCaches, 'groups'>, userId: string) {
    this.#groups = caches.groups
    this.#prefix = `${userId}/`
  }

  /**
   * Asks on this new connection from now on, and believes nothing from before: what changed meanwhile, or while another
   * node had the session, is told only once messages can be sent. A group is forgotten when WhatsApp says it changed.
   */
  watch(socket: WASocket): void {
    this.#socket = socket
    this.#asked.clear()
    this.#unanswered.clear()
    for (const name of this.#groups.keys()) if (name.startsWith(this.#prefix)) this.#groups.delete(name)
    socket.ws.on('CB:notification,type:w:gp2', ({ attrs }: BinaryNode) => this.#forget(attrs.from ?? ''))
  }

  /** A group as it was told at most `maxAgeMs` ago. Rejects like the library when WhatsApp refuses. */
  async get(jid: string, maxAgeMs = Number.POSITIVE_INFINITY): Promise<GroupMetadata | undefined> {
    const name = this.#prefix + jid
    const cached = this.#groups.get(name)
    const ageMs = this.#groups.ttl - this.#groups.getRemainingTTL(name)
    if (cached && ageMs <= maxAgeMs) return cached
    return this.#asked.get(jid) ?? (this.#socket && this.#ask(this.#socket, jid))
  }

  /**
   * A group as it was told at most `maxAgeMs` ago, or as it was told last where WhatsApp is too busy to say. Rejects
   * where it has not been told on this connection. What failed is not asked again for that long: those who want to know
   * come one after the other, and each would wait for an answer.
   */
  async recall(jid: string, maxAgeMs: number): Promise<GroupMetadata | undefined> {
    try {
      const unanswered = this.#unanswered.get(jid)
      if (unanswered && performance.now() - unanswered.at < maxAgeMs) throw unanswered.error
      return await this.get(jid, maxAgeMs)
    } catch (error) {
      if (!isTemporary(error)) throw error
      if (this.#unanswered.get(jid)?.error !== error)
        this.#unanswered.set(jid, { at: performance.now(), error })
      const told = this.#groups.get(this.#prefix + jid)
      if (told) return told
      throw error
    }
  }

  /** A group for the message that is being encrypted for its members. */
  async use(jid: string): Promise<GroupMetadata | undefined> {
    const group = await this.get(jid)
    this.#used = { jid, group }
    return group
  }

  /** The group as it was when the latest message was encrypted for it; sessions send one message after the other. */
  usedFor(jid: string): GroupMetadata | undefined {
    return this.#used?.jid === jid ? this.#used.group : undefined
  }

  #ask(socket: WASocket, jid: string): Promise<GroupMetadata> {
    const asked = socket.groupMetadata(jid).then((group) => {
      if (this.#asked.get(jid) === asked) this.#groups.set(this.#prefix + jid, group)
      return group
    })
    this.#asked.set(jid, asked)
    const forget = () => {
      if (this.#asked.get(jid) === asked) this.#asked.delete(jid)
    }
    void asked.then(forget, forget)
    return asked
  }

  /** What is being asked may be answered with the state before the change: it is not kept either. */
  #forget(jid: string): void {
    this.#groups.delete(this.#prefix + jid)
    this.#asked.delete(jid)
  }
}
