import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { byReference, type FindAccount, references, savedBytes, savedPicture } from '../saved/shapes.ts'
import type { Account, Device, Picture } from './account.ts'
import { unixSeconds } from './node.ts'

const follower = z.object({ role: z.enum(['OWNER', 'SUBSCRIBER']), muted: z.boolean() })

/** What an account is to a channel. */
export type Follower = z.output<typeof follower>

const postChange = z.discriminatedUnion('kind', [
  /** Unix milliseconds, as WhatsApp tells them. */
  z.object({ kind: z.literal('edited'), atMs: z.number() }),
  /** Unix seconds. */
  z.object({ kind: z.literal('revoked'), at: z.number() }),
])

/** What became of a post since it was written. */
export type PostChange = z.output<typeof postChange>

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

const savedPost = z.object({
  serverId: z.int(),
  id: z.string(),
  timestamp: z.number(),
  type: z.string(),
  mediatype: z.string().optional(),
  plaintext: savedBytes,
  change: postChange.optional(),
  changedAt: z.number(),
  viewers: z.array(z.string()),
  reactions: z.record(z.string(), z.string()),
})

/** What is saved of a channel as it stands. */
const savedMembers = z.object({
  name: z.string(),
  description: z.string(),
  picture: savedPicture.optional(),
  nameSetAt: z.number(),
  descriptionSetAt: z.number(),
})

/** A channel as it is saved; people are named by their references. */
export const savedNewsletter = savedMembers.extend({
  id: z.string().regex(/^\d+$/),
  createdAt: z.number(),
  invite: z.string(),
  followers: z.array(follower.extend({ account: z.string() })),
  posts: z.array(savedPost),
  statuses: z.array(savedPost),
})

/** A channel: one account writes, any number follow. */
export class Newsletter {
  /** User part of the channel's JID. */
  readonly id: string
  readonly createdAt: number
  /** The code of its link: letters and digits, as in those of WhatsApp's own channels. */
  readonly invite: string
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
  nameSetAt: number
  descriptionSetAt: number

  constructor(options: {
    id: string
    name: string
    description: string
    createdAt?: number
    invite?: string
  }) {
    this.id = options.id
    this.name = options.name
    this.description = options.description
    this.createdAt = options.createdAt ?? unixSeconds()
    this.nameSetAt = this.createdAt
    this.descriptionSetAt = this.createdAt
    this.invite = options.invite ?? `0029${randomBytes(10).toString('hex').toUpperCase()}`
  }

  toJson(): z.input<typeof savedNewsletter> {
    const { id, createdAt, invite } = this
    return {
      id,
      createdAt,
      invite,
      ...savedMembers.parse(this),
      followers: [...this.followers].map(([{ reference }, standing]) => ({
        account: reference,
        ...standing,
      })),
      posts: this.posts.map(postToJson),
      statuses: this.statuses.map(postToJson),
    }
  }

  static fromJson(saved: z.output<typeof savedNewsletter>, find: FindAccount): Newsletter {
    const newsletter = new Newsletter(saved)
    const members: Partial<Newsletter> = savedMembers.parse(saved)
    Object.assign(newsletter, members)
    for (const { account, ...standing } of saved.followers) newsletter.followers.set(find(account), standing)
    newsletter.posts.push(...saved.posts.map((post) => postFromJson(post, find)))
    newsletter.statuses.push(...saved.statuses.map((post) => postFromJson(post, find)))
    return newsletter
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

function postToJson(post: Post): z.input<typeof savedPost> {
  return { ...post, viewers: references(post.viewers), reactions: byReference(post.reactions) }
}

function postFromJson(saved: z.output<typeof savedPost>, find: FindAccount): Post {
  const reactions = Object.entries(saved.reactions).map(([one, code]) => [find(one), code] as const)
  return {
    ...saved,
    mediatype: saved.mediatype,
    change: saved.change,
    viewers: new Set(saved.viewers.map(find)),
    reactions: new Map(reactions),
  }
}

/** All channels of the simulated world. */
export class Newsletters {
  readonly #byId = new Map<string, Newsletter>()

  create(options: { owner: Account; name: string; description: string }): Newsletter {
    // Real ids are 18 digits starting with 120363, as those of groups.
    const id = `120363${String(400_000_000_000 + this.#byId.size + 1)}`
    const newsletter = new Newsletter({ id, ...options })
    newsletter.followers.set(options.owner, { role: 'OWNER', muted: true })
    this.add(newsletter)
    return newsletter
  }

  /** Adds a channel that there is already. */
  add(newsletter: Newsletter): void {
    this.#byId.set(newsletter.id, newsletter)
  }

  toJson(): z.input<typeof savedNewsletter>[] {
    return [...this.#byId.values()].map((newsletter) => newsletter.toJson())
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
