import { randomBytes } from 'node:crypto'
import type { Account, Device, Picture } from './account.ts'
import { unixSeconds } from './node.ts'

/** What an account is to a channel. */
export interface Follower {
  role: 'OWNER' | 'SUBSCRIBER'
  muted: boolean
}

/** What became of a post since it was written. */
export type PostChange =
  /** Unix milliseconds, as WhatsApp tells them. */
  | { kind: 'edited'; atMs: number }
  /** Unix seconds. */
  | { kind: 'revoked'; at: number }

/** What a post says. */
export interface PostContent {
  /** `text`, `media`, `poll`. */
  type: string
  /** `image`, ... of a post with a file. */
  mediatype: string | undefined
  /** The encoded message. */
  plaintext: Uint8Array
}

/** What was written in a channel. */
export interface Post extends PostContent {
  /** The channel's own numbering, from 100. */
  serverId: number
  id: string
  /** Unix seconds. */
  timestamp: number
  /** The last change of its content; a revoked post has none. */
  change: PostChange | undefined
  /** When it was published, or it or its counts last changed, in Unix seconds. */
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
  /** What was published for a day only, oldest first. */
  readonly statuses: Post[] = []
  name: string
  description: string
  /** JPEG; undefined without a picture. */
  picture: Picture | undefined
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
  publish(post: PostContent & { id: string }): Post {
    return this.#add(this.posts, post)
  }

  /** Adds a status. */
  publishStatus(status: PostContent & { id: string }): Post {
    return this.#add(this.statuses, status)
  }

  /** The account that created it. */
  get owner(): Account | undefined {
    return [...this.followers.keys()].find((account) => this.isOwner(account))
  }

  /** The post with this number. */
  post(serverId: string | undefined): Post | undefined {
    return this.posts.find((post) => String(post.serverId) === serverId)
  }

  /** True for the account that created the channel. */
  isOwner(account: Account): boolean {
    return this.followers.get(account)?.role === 'OWNER'
  }

  #add(list: Post[], content: PostContent & { id: string }): Post {
    const published = {
      ...content,
      serverId: FIRST_SERVER_ID + this.posts.length + this.statuses.length,
      timestamp: unixSeconds(),
      change: undefined,
      changedAt: unixSeconds(),
      viewers: new Set<Account>(),
      reactions: new Map<Account, string>(),
    }
    list.push(published)
    return published
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
