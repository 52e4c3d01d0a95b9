import { randomInt } from 'node:crypto'
import type { Account, Picture } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import type { Newsletter } from '../world/newsletter.ts'
import { unixSeconds } from '../world/node.ts'
import { GraphQlError, type MexCall, tellByMex } from './mex-call.ts'

/** The channels the account follows. */
export function followedNewsletters({ network, account }: MexCall): unknown {
  return network.newsletters
    .followedBy(account)
    .map((newsletter) => describe({ network, account }, newsletter))
}

/** One channel, by its JID or the code of its link. */
export function showNewsletter(call: MexCall): unknown {
  const { network, variables } = call
  const { key, type } = variables.input
  const { newsletters } = network
  const found = existing(type === 'INVITE' ? newsletters.findByInvite(key) : newsletters.find(key))
  const described = describe(call, found)
  return variables.fetch_viewer_metadata ? described : { ...described, viewer_metadata: null }
}

/** Deletes an own channel. */
export function deleteNewsletter(call: MexCall): unknown {
  const newsletter = owned(call)
  call.network.newsletters.delete(newsletter)
  return { id: newsletter.jid, state: { type: 'DELETED' } }
}

/** Who follows an own channel, as a plain list. */
export function listSubscribers(call: MexCall): unknown {
  return { subscribers: [...owned(call).followers.keys()].map((one) => ({ id: one.lidJid() })) }
}

/** The same as older and desktop clients ask it, in GraphQL's way of paging. */
export function pageSubscribers(call: MexCall): unknown {
  const edges = [...owned(call).followers].map(([account, { role }]) => ({
    node: { id: account.lidJid(), pn: account.numberJid, display_name: account.name },
    role,
  }))
  return { subscribers: { edges } }
}

/** How many manage a channel. */
export function countAdmins(call: MexCall): unknown {
  return { admin_count: named(call) && 1 }
}

function existing(newsletter: Newsletter | undefined): Newsletter {
  if (!newsletter) throw new GraphQlError(404, 'Not Found')
  return newsletter
}

function named({ network, variables }: MexCall): Newsletter {
  return existing(network.newsletters.find(variables.newsletter_id || variables.input.newsletter_id))
}

function owned(call: MexCall): Newsletter {
  const newsletter = named(call)
  if (!newsletter.isOwner(call.account)) throw new GraphQlError(403, 'Forbidden')
  return newsletter
}

/** Creates a channel. */
export function createNewsletter(call: MexCall): unknown {
  const { network, account, variables } = call
  const { input } = variables
  if (input.name === '') throw new GraphQlError(400, 'Bad Request')
  const { name, description, picture } = input
  const newsletter = network.newsletters.create({ owner: account, name, description: description ?? '' })
  if (picture) newsletter.picture = pictureOf(picture)
  return describe(call, newsletter)
}

/** Changes an own channel. */
export function updateNewsletter(call: MexCall): unknown {
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
  return describe(call, newsletter)
}

/** Follows a channel. */
export function joinNewsletter(call: MexCall): unknown {
  const newsletter = named(call)
  const { account } = call
  if (!newsletter.followers.has(account))
    newsletter.followers.set(account, { role: 'SUBSCRIBER', muted: true })
  tellByMex(call, 'NotificationNewsletterJoin', {
    xwa2_notify_newsletter_on_join: describe(call, newsletter),
  })
  return describe(call, newsletter)
}

/** Follows it no longer. */
export function leaveNewsletter(call: MexCall): unknown {
  const newsletter = named(call)
  if (newsletter.isOwner(call.account)) throw new GraphQlError(403, 'Forbidden')
  newsletter.followers.delete(call.account)
  tellByMex(call, 'NotificationNewsletterLeave', {
    xwa2_notify_newsletter_on_leave: { id: newsletter.jid, role: 'GUEST' },
  })
  return describe(call, newsletter)
}

/** Says whether the account wants to hear of a channel's posts. */
export function setMuted(call: MexCall, muted: boolean): unknown {
  const newsletter = named(call)
  const follower = newsletter.followers.get(call.account)
  if (!follower) throw new GraphQlError(403, 'Forbidden')
  follower.muted = muted
  tellByMex(call, 'NotificationNewsletterMuteChange', {
    xwa2_notify_newsletter_on_mute_change: { id: newsletter.jid, mute: muted ? 'ON' : 'OFF' },
  })
  return describe(call, newsletter)
}

function pictureOf(base64: string): Picture {
  return { id: String(randomInt(1_000_000_000, 2_000_000_000)), jpeg: Buffer.from(base64, 'base64') }
}

/** A channel as WhatsApp shows it to this account. */
function describe(
  { network, account: viewer }: { network: Network; account: Account },
  newsletter: Newsletter,
) {
  const { picture } = newsletter
  // There even without a picture: clients look into it. Pictures of channels lie on the media host in the clear.
  const file = {
    id: picture?.id ?? '',
    direct_path: picture ? network.media.put(picture.jpeg).directPath : '',
  }
  const follower = newsletter.followers.get(viewer)
  return {
    id: newsletter.jid,
    state: { type: 'ACTIVE' },
    thread_metadata: {
      creation_time: String(newsletter.createdAt),
      invite: newsletter.invite,
      name: wording(newsletter.name, newsletter.nameSetAt),
      description: wording(newsletter.description, newsletter.descriptionSetAt),
      picture: { ...file, type: 'IMAGE' },
      preview: { ...file, type: 'PREVIEW' },
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
