import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { byReference, type FindAccount, savedPicture } from '../saved/shapes.ts'
import type { Account, AddressServer, Picture } from './account.ts'
import { unixSeconds } from './node.ts'

const rank = z.enum(['member', 'admin', 'superadmin'])

/** A member's standing; the creator is `superadmin`. */
export type Rank = z.output<typeof rank>

/** A group's text, with the id that the next change has to name. */
export interface GroupDescription {
  id: string
  text: string
  author: Account
  setAt: number
}

/** The versions before and after a change, by the names of their attributes. */
export type VersionChange = Record<'prev_v_id' | 'v_id', number>

/** What is saved of a group as it stands. */
const savedMembers = z.object({
  subject: z.string(),
  picture: savedPicture.optional(),
  announcement: z.boolean().default(false),
  locked: z.boolean().default(false),
  ephemeralSeconds: z.number().default(0),
  memberAddMode: z.enum(['admin_add', 'all_member_add']).default('all_member_add'),
  joinApproval: z.boolean().default(false),
  inviteCode: z.string().default(newInviteCode),
  isCommunity: z.boolean().default(false),
  defaultApproval: z.string().optional(),
  isCommunityAnnouncements: z.boolean().default(false),
})

/** A group as it is saved; people are named by their references. */
export const savedGroup = savedMembers.extend({
  id: z.string().regex(/^\d+$/),
  creator: z.string(),
  createdAt: z.number(),
  addressing: z.enum(['lid', 's.whatsapp.net']).default('lid'),
  members: z.record(z.string(), rank),
  joinRequests: z.record(z.string(), z.number()).default({}),
  personalInvites: z.record(z.string(), z.object({ code: z.string(), expiresAt: z.number() })).default({}),
  subjectOwner: z.string().optional(),
  subjectSetAt: z.number().optional(),
  description: z
    .object({ id: z.string(), text: z.string(), author: z.string(), setAt: z.number() })
    .optional(),
  /** The id of the group that holds it. */
  community: z.string().optional(),
  membersVersion: z.number().optional(),
  announcementVersion: z.number().optional(),
})

/** A group: who is in it and its settings. */
export class Group {
  /** User part of the group's JID. */
  readonly id: string
  readonly creator: Account
  readonly createdAt: number
  /** How members are named inside the group; Signal sender keys follow it. */
  readonly addressing: AddressServer
  readonly members = new Map<Account, Rank>()
  /** Accounts that asked to join while approval is required, and when. */
  readonly joinRequests = new Map<Account, number>()
  /** Invitations for single accounts, sent as messages. `expiresAt` in unix seconds. */
  readonly personalInvites = new Map<Account, { code: string; expiresAt: number }>()
  subject: string
  subjectOwner: Account
  subjectSetAt: number
  description: GroupDescription | undefined
  picture: Picture | undefined
  /** Only admins may write. */
  announcement = false
  /** Only admins may change the group's details. */
  locked = false
  /** Seconds after which messages disappear; 0 = never. */
  ephemeralSeconds = 0
  memberAddMode: 'admin_add' | 'all_member_add' = 'all_member_add'
  joinApproval = false
  inviteCode = newInviteCode()
  /** Set on a community: it holds groups instead of messages. */
  isCommunity = false
  /** Of a community: `request_required` when people have to ask to be let into its groups. */
  defaultApproval: string | undefined
  /** Set on the group of a community that everybody is in. */
  isCommunityAnnouncements = false
  /** The community this group belongs to. */
  community: Group | undefined
  #membersVersion = nextVersion()
  #announcementVersion = this.#membersVersion

  constructor(options: {
    id: string
    creator: Account
    subject: string
    addressing: AddressServer
    createdAt?: number
  }) {
    this.id = options.id
    this.createdAt = options.createdAt ?? unixSeconds()
    this.creator = options.creator
    this.subject = options.subject
    this.subjectOwner = options.creator
    this.subjectSetAt = this.createdAt
    this.addressing = options.addressing
    this.members.set(options.creator, 'superadmin')
  }

  toJson(): z.input<typeof savedGroup> {
    const { id, createdAt, addressing, subjectSetAt, description } = this
    return {
      id,
      createdAt,
      addressing,
      ...savedMembers.parse(this),
      creator: this.creator.reference,
      members: byReference(this.members),
      joinRequests: byReference(this.joinRequests),
      personalInvites: byReference(this.personalInvites),
      subjectOwner: this.subjectOwner.reference,
      subjectSetAt,
      description: description && { ...description, author: description.author.reference },
      community: this.community?.id,
      membersVersion: this.#membersVersion,
      announcementVersion: this.#announcementVersion,
    }
  }

  /** The group without its community, which may not be there yet. */
  static fromJson(saved: z.output<typeof savedGroup>, find: FindAccount): Group {
    const creator = find(saved.creator)
    const group = new Group({ ...saved, creator })
    const members: Partial<Group> = savedMembers.parse(saved)
    Object.assign(group, members)
    group.members.clear()
    for (const [one, standing] of Object.entries(saved.members)) group.members.set(find(one), standing)
    for (const [one, at] of Object.entries(saved.joinRequests)) group.joinRequests.set(find(one), at)
    for (const [one, invite] of Object.entries(saved.personalInvites))
      group.personalInvites.set(find(one), invite)
    group.subjectOwner = saved.subjectOwner === undefined ? creator : find(saved.subjectOwner)
    group.subjectSetAt = saved.subjectSetAt ?? saved.createdAt
    group.description = saved.description && {
      ...saved.description,
      author: find(saved.description.author),
    }
    group.#membersVersion = saved.membersVersion ?? group.#membersVersion
    group.#announcementVersion = saved.announcementVersion ?? group.#announcementVersion
    return group
  }

  get jid(): string {
    return `${this.id}@g.us`
  }

  /** `p_v_id`: the version of the list of members. */
  get membersVersion(): number {
    return this.#membersVersion
  }

  /** `a_v_id`: the version of who may write. */
  get announcementVersion(): number {
    return this.#announcementVersion
  }

  /** Begins a new version of the list of members, and names it and the one before as a change does. */
  changeMembers(): VersionChange {
    const before = this.#membersVersion
    this.#membersVersion = nextVersion()
    return { prev_v_id: before, v_id: this.#membersVersion }
  }

  /** Begins a new version of who may write, and names it and the one before as a change does. */
  changeAnnouncement(): VersionChange {
    const before = this.#announcementVersion
    this.#announcementVersion = nextVersion()
    return { prev_v_id: before, v_id: this.#announcementVersion }
  }

  isAdmin(account: Account): boolean {
    const rank = this.members.get(account)
    return rank === 'admin' || rank === 'superadmin'
  }
}

let lastVersion = 0

/** Microseconds since 1970, as WhatsApp's versions look; no two are the same. */
function nextVersion(): number {
  lastVersion = Math.max(lastVersion + 1, Date.now() * 1000)
  return lastVersion
}

/** A fresh invite code, 22 characters like the real ones. */
export function newInviteCode(): string {
  return randomBytes(16).toString('base64url')
}
