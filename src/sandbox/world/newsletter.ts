import { randomBytes } from 'node:crypto'
import type { Account, Device } from './account.ts'
import { unixSeconds } from './node.ts'

/** What an account is to a channel. */
export interface Follower {
  role: 'OWNER' | 'SUBSCRIBER'
  muted: boolean
}

/** What was written in a channel. */
export interface Post {
  /** The channel's own numbering, from 100. */
  serverId: number
  id: string
  /** `text`, `media`, `poll`. */
  type: string
  /** Unix seconds. */
  timestamp: number
  /** The encoded message. */
  plaintext: Uint8Array
  /** When it was published, or its counts last changed, in Unix seconds. */
  changedAt: number
  readonly viewers: Set<Account>
  /** What each account reacted with. */
  readonly reactions: Map<Account, string>
}

const FIRST_SERVER_ID = 100

/** A channel: one account writes, any number follow. */
export class Newsletter {
  /** User part of the channel's JID. */
  readonly id: string
  readonly createdAt = unixSeconds()
  /** The code of its link: letters and digits, as in those of WhatsApp's own channels. */
  readonly invite = `0029${randomBytes(10).toString('hex').toUpperCase()}`
  readonly followers = new Map<Account, Follower>()
  /** The devices that are told of new counts, and until when, in Unix seconds. */
  readonly liveReaders = new Map<Device, number>()
  /** Oldest first. */
  readonly posts: Post[] = []
  name: string
  description: string
  /** JPEG; undefined without a picture. */
  picture: { id: string; jpeg: Uint8Array } | undefined
  /** Unix seconds. */
  nameSetAt = this.createdAt
  descriptionSetAt = this.createdAt

  constructor(options: { id: string; owner: Account; name: string; description: string }) {
    this.id = options.id
    this.name = options.name
    this.description = options.description
    this.followers.set(options.owner, { role: 'OWNER', muted: true })
  }

  get jid(): string {
    return `${this.id}@newsletter`
  }

  /** Adds a post. */
  publish(post: Pick<Post, 'id' | 'type' | 'plaintext'>): Post {
    const published = {
      ...post,
      serverId: FIRST_SERVER_ID + this.posts.length,
      timestamp: unixSeconds(),
      changedAt: unixSeconds(),
      viewers: new Set<Account>(),
      reactions: new Map<Account, string>(),
    }
    this.posts.push(published)
    return published
  }

  /** The post with this number. */
  post(serverId: string | undefined): Post | undefined {
    return this.posts.find((post) => String(post.serverId) === serverId)
  }

  /** True for the account that created the channel. */
  isOwner(account: Account): boolean {
    return this.followers.get(account)?.role === 'OWNER'
  }
}

/** All channels of the simulated world. */
export class Newsletters {
  readonly #byId = new Map<string, Newsletter>()

  create(options: { owner: Account; name: string; description: string }): Newsletter {
    // Real ids are 18 digits starting with 120363, as those of groups.
    const id = `120363${String(400_000_000_000 + this.#byId.size + 1)}`
    const newsletter = new Newsletter({ id, ...options })
    this.#byId.set(id, newsletter)
    return newsletter
  }

  /** By JID or the part before the @. */
  find(jid: string): Newsletter | undefined {
    return this.#byId.get(jid.replace(/@newsletter$/, ''))
  }

  findByInvite(invite: string): Newsletter | undefined {
    return [...this.#byId.values()].find((newsletter) => newsletter.invite === invite)
  }

  followedBy(account: Account): Newsletter[] {
    return [...this.#byId.values()].filter((newsletter) => newsletter.followers.has(account))
  }

  delete(newsletter: Newsletter): void {
    this.#byId.delete(newsletter.id)
  }
}
