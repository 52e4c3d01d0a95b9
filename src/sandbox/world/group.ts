import { randomBytes } from 'node:crypto'
import type { Account, AddressServer, Picture } from './account.ts'
import { unixSeconds } from './node.ts'

/** A member's standing; the creator is `superadmin`. */
export type Rank = 'member' | 'admin' | 'superadmin'

/** A group's text, with the id that the next change has to name. */
export interface GroupDescription {
  id: string
  text: string
  author: Account
  setAt: number
}

/** The versions before and after a change, by the names of their attributes. */
export type VersionChange = Record<'prev_v_id' | 'v_id', number>

/** A group: who is in it and its settings. */
export class Group {
  /** User part of the group's JID. */
  readonly id: string
  readonly creator: Account
  readonly createdAt = unixSeconds()
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

  constructor(options: { id: string; creator: Account; subject: string; addressing: AddressServer }) {
    this.id = options.id
    this.creator = options.creator
    this.subject = options.subject
    this.subjectOwner = options.creator
    this.subjectSetAt = this.createdAt
    this.addressing = options.addressing
    this.members.set(options.creator, 'superadmin')
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
