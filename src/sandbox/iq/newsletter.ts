import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { ownMember } from '../../lib/own-member.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import type { Newsletter } from '../world/newsletter.ts'
import { countNodes } from '../world/newsletter-relay.ts'
import { node, SERVICE, text, unixSeconds } from '../world/node.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

// What the client sends as variables; everything else it sends is of no interest here.
const variables = z.object({
  newsletter_id: z.string().default(''),
  input: z
    .object({
      key: z.string().default(''),
      type: z.string().default(''),
      name: z.string().default(''),
      description: z.string().nullish(),
      picture: z.string().nullish(),
    })
    .prefault({}),
  updates: z
    .object({
      name: z.string().optional(),
      description: z.string().optional(),
      picture: z.string().optional(),
    })
    .prefault({}),
})

interface Call {
  network: Network
  account: Account
  variables: z.infer<typeof variables>
}

/** A stored GraphQL query: the member of `data` its answer stands in, and the answer. */
interface Stored {
  path: string
  run: (call: Call) => unknown
}

/** By the numbers WhatsApp Web uses (protocol notes, section 10.3). */
const STORED: Record<string, Stored> = {
  '6388546374527196': {
    path: 'xwa2_newsletter_subscribed',
    run: ({ network, account }) =>
      network.newsletters.followedBy(account).map((newsletter) => describe(newsletter, account)),
  },
  '6563316087068696': {
    path: 'xwa2_newsletter',
    run: ({ network, account, variables: { input } }) => {
      const { newsletters } = network
      const found =
        input.type === 'INVITE' ? newsletters.findByInvite(input.key) : newsletters.find(input.key)
      return describe(existing(found), account)
    },
  },
  '8823471724422422': { path: 'xwa2_newsletter_create', run: create },
  '24250201037901610': { path: 'xwa2_newsletter_update', run: update },
  '30062808666639665': {
    path: 'xwa2_newsletter_delete_v2',
    run: (call) => {
      const newsletter = owned(call)
      call.network.newsletters.delete(newsletter)
      return { id: newsletter.jid, state: { type: 'DELETED' } }
    },
  },
  '24404358912487870': { path: 'xwa2_newsletter_join_v2', run: join },
  '9767147403369991': { path: 'xwa2_newsletter_leave_v2', run: leave },
  '29766401636284406': { path: 'xwa2_newsletter_mute_v2', run: (call) => setMuted(call, true) },
  '9864994326891137': { path: 'xwa2_newsletter_unmute_v2', run: (call) => setMuted(call, false) },
  '9783111038412085': {
    path: 'xwa2_newsletter_subscribers',
    run: (call) => ({ subscribers: [...owned(call).followers.keys()].map((one) => ({ id: one.lidJid() })) }),
  },
  '7130823597031706': { path: 'xwa2_newsletter_admin', run: (call) => ({ admin_count: named(call) && 1 }) },
  '23983697327930364': {
    path: 'xwa2_fetch_account_reachout_timelock',
    run: ({ account }) => reachOutLock(account),
  },
  '24503548349331633': { path: 'xwa2_message_capping_info', run: newChatLimit },
}

function reachOutLock({ limits: { reachOut } }: Account) {
  if (!reachOut) return { is_active: false }
  const { endsAt, reason } = reachOut
  return { is_active: true, time_enforcement_ends: String(endsAt), enforcement_type: reason }
}

function newChatLimit({ account, variables: { input } }: Call) {
  if (input.type !== 'INDIVIDUAL_NEW_CHAT_MSG') throw new GraphQlError(400, 'Bad Request')
  const { newChats } = account.limits
  if (!newChats) return { capping_status: 'NONE' }
  const { total, used, startsAt, endsAt, status } = newChats
  return {
    total_quota: total,
    used_quota: used,
    cycle_start_timestamp: String(startsAt),
    cycle_end_timestamp: String(endsAt),
    server_sent_timestamp: String(unixSeconds()),
    ote_status: 'NOT_ELIGIBLE',
    mv_status: 'NOT_ELIGIBLE',
    capping_status: status,
  }
}

/** A refusal as GraphQL tells it: in the answer, not as an error of the query. */
class GraphQlError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** `w:mex` and `newsletter`: channels. Followers are told of what they did on another device. */
export const newsletters: Record<string, QueryFamily> = {
  'w:mex'({ network, from, what }) {
    const stored = ownMember(STORED, what.attrs.query_id ?? '')
    if (!stored) {
      network.noteUnknownQuery(`w:mex ${what.attrs.query_id}`)
      return result({ errors: [{ message: 'Unknown query', extensions: { error_code: 400 } }] })
    }
    const asked = z.object({ variables }).safeParse(parsed(text(what)))
    if (!asked.success) throw refusals.badRequest()
    try {
      const answer = stored.run({ network, account: from.account, variables: asked.data.variables })
      return result({ data: { [stored.path]: answer } })
    } catch (error) {
      if (!(error instanceof GraphQlError)) throw error
      return result({ errors: [{ message: error.message, extensions: { error_code: error.code } }] })
    }
  },

  newsletter({ network, from, request, what }: Query) {
    const newsletter = network.newsletters.find(what.attrs.jid ?? request.attrs.to ?? '')
    if (!newsletter) throw refusals.notFound()
    switch (what.tag) {
      case 'live_updates':
        newsletter.liveReaders.set(from, unixSeconds() + LIVE_SECONDS)
        return [node('live_updates', { duration: LIVE_SECONDS })]
      case 'message_updates':
        return [node('message_updates', {}, [node('messages', {}, listed(newsletter, what))])]
      case 'messages':
        return [node('messages', {}, listed(newsletter, what))]
      default:
        return [node(what.tag)]
    }
  },
}

/** How long whoever asks for it is told of new counts. */
const LIVE_SECONDS = 300

/** The newest posts, those before one, or those that changed since an instant; oldest first. */
function listed({ posts }: Newsletter, { attrs }: BinaryNode): BinaryNode[] {
  const before = Number(attrs.before ?? Number.POSITIVE_INFINITY)
  const since = Number(attrs.since ?? 0)
  return posts
    .filter(({ serverId, changedAt }) => serverId < before && changedAt >= since)
    .slice(-Number(attrs.count ?? 50))
    .map((post) => {
      const { id, type, timestamp: t, serverId, plaintext } = post
      return node('message', { id, type, t, server_id: serverId }, [
        node('plaintext', {}, plaintext),
        ...countNodes(post),
      ])
    })
}

function result(answer: object): Answer {
  return [node('result', {}, Buffer.from(JSON.stringify(answer)))]
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '')
  } catch {
    throw refusals.badRequest()
  }
}

function existing(newsletter: Newsletter | undefined): Newsletter {
  if (!newsletter) throw new GraphQlError(404, 'Not Found')
  return newsletter
}

function named({ network, variables: { newsletter_id: jid } }: Call): Newsletter {
  return existing(network.newsletters.find(jid))
}

function owned(call: Call): Newsletter {
  const newsletter = named(call)
  if (!newsletter.isOwner(call.account)) throw new GraphQlError(403, 'Forbidden')
  return newsletter
}

function create({ network, account, variables: { input } }: Call): unknown {
  if (input.name === '') throw new GraphQlError(400, 'Bad Request')
  const { name, description, picture } = input
  const newsletter = network.newsletters.create({ owner: account, name, description: description ?? '' })
  if (picture) newsletter.picture = pictureOf(picture)
  return describe(newsletter, account)
}

function update(call: Call): unknown {
  const newsletter = owned(call)
  const { name, description, picture } = call.variables.updates
  if (name !== undefined) {
    newsletter.name = name
    newsletter.nameSetAt = unixSeconds()
  }
  if (description !== undefined) {
    newsletter.description = description
    newsletter.descriptionSetAt = unixSeconds()
  }
  if (picture !== undefined) newsletter.picture = picture === '' ? undefined : pictureOf(picture)
  return describe(newsletter, call.account)
}

function join(call: Call): unknown {
  const newsletter = named(call)
  const { account } = call
  if (!newsletter.followers.has(account))
    newsletter.followers.set(account, { role: 'SUBSCRIBER', muted: true })
  tell(call, 'NotificationNewsletterJoin', {
    xwa2_notify_newsletter_on_join: describe(newsletter, account),
  })
  return describe(newsletter, account)
}

function leave(call: Call): unknown {
  const newsletter = named(call)
  if (newsletter.isOwner(call.account)) throw new GraphQlError(403, 'Forbidden')
  newsletter.followers.delete(call.account)
  tell(call, 'NotificationNewsletterLeave', {
    xwa2_notify_newsletter_on_leave: { id: newsletter.jid, role: 'GUEST' },
  })
  return describe(newsletter, call.account)
}

function setMuted(call: Call, muted: boolean): unknown {
  const newsletter = named(call)
  const follower = newsletter.followers.get(call.account)
  if (!follower) throw new GraphQlError(403, 'Forbidden')
  follower.muted = muted
  tell(call, 'NotificationNewsletterMuteChange', {
    xwa2_notify_newsletter_on_mute_change: { id: newsletter.jid, mute: muted ? 'ON' : 'OFF' },
  })
  return describe(newsletter, call.account)
}

function tell({ network, account }: Call, operation: string, data: object): void {
  const update = node('update', { op_name: operation }, Buffer.from(JSON.stringify({ data })))
  network.notify([account], { from: SERVICE, type: 'mex' }, [update])
}

function pictureOf(base64: string) {
  return { id: String(randomInt(1_000_000_000, 2_000_000_000)), jpeg: Buffer.from(base64, 'base64') }
}

/** A channel as WhatsApp shows it to this account. */
function describe(newsletter: Newsletter, viewer: Account) {
  const { picture } = newsletter
  const follower = newsletter.followers.get(viewer)
  return {
    id: newsletter.jid,
    state: { type: 'ACTIVE' },
    thread_metadata: {
      creation_time: String(newsletter.createdAt),
      invite: newsletter.invite,
      name: wording(newsletter.name, newsletter.nameSetAt),
      description: wording(newsletter.description, newsletter.descriptionSetAt),
      // There even without a picture: clients look into it.
      picture: { id: picture?.id ?? '', type: 'IMAGE', direct_path: '' },
      preview: { id: picture?.id ?? '', type: 'PREVIEW', direct_path: '' },
      settings: { reaction_codes: { value: 'ALL' } },
      subscribers_count: String(newsletter.followers.size),
      verification: 'UNVERIFIED',
    },
    viewer_metadata: {
      mute: follower?.muted === false ? 'OFF' : 'ON',
      role: follower?.role ?? 'GUEST',
    },
  }
}

function wording(text: string, setAt: number) {
  return { id: String(setAt), text, update_time: String(setAt * 1_000_000) }
}
