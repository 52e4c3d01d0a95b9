import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import { type Group, newInviteCode } from '../world/group.ts'
import { child, children, node, unixSeconds } from '../world/node.ts'
import { admit } from './community-members.ts'
import { groupNode, notifyGroup, participantNode } from './group-changes.ts'
import { type Answer, type Query, refusals } from './query.ts'

const INVITE_LIFETIME_SECONDS = 3 * 24 * 3600

/** Joins by the code of an invite link; a group that approves its members keeps the request instead. */
export function joinByInvite({ network, from, what }: Query): Answer {
  const group = network.groupByInvite(what.attrs.code ?? '')
  const { account } = from
  if (group.members.has(account)) throw refusals.conflict()
  if (!group.joinApproval) {
    admit({ network, author: from, group, accounts: [account], reason: 'invite' })
    return [node('group', { jid: group.jid })]
  }

  group.joinRequests.set(account, unixSeconds())
  const requested = node('created_membership_requests', { request_method: 'invite_link' }, [
    node('requested_user', { jid: account.lidJid(), phone_number: account.numberJid }),
  ])
  notifyGroup(network, group, { author: from, change: requested })
  return [node('membership_approval_request', { jid: group.jid })]
}

/** The invitation for somebody who cannot be added directly. */
export function personalInvite(group: Group, account: Account): BinaryNode {
  const { code, expiresAt } = invitePersonally(group, account)
  return node('add_request', { code, expiration: expiresAt })
}

/** Makes an invitation for one person, which comes as a message. `expiresAt` in unix seconds. */
export function invitePersonally(group: Group, account: Account): { code: string; expiresAt: number } {
  const invite = { code: newInviteCode(), expiresAt: unixSeconds() + INVITE_LIFETIME_SECONDS }
  group.personalInvites.set(account, invite)
  return invite
}

/** Shows the group of an invitation that came as a message to whoever holds it. */
export function showPersonalInvite({ from, what }: Query, group: Group): Answer {
  checkInvite(group, from.account, child(what, 'add_request')?.attrs.code)
  return [groupNode(group)]
}

/** Accepts an invitation that came as a message. */
export function acceptPersonalInvite({ network, from, what }: Query, group: Group): Answer {
  const { account } = from
  checkInvite(group, account, what.attrs.code)
  group.personalInvites.delete(account)
  admit({ network, author: from, group, accounts: [account], reason: 'invite' })
  return [node('group', { jid: group.jid })]
}

function checkInvite(group: Group, account: Account, code: string | undefined): void {
  const invite = group.personalInvites.get(account)
  if (!invite || invite.code !== code) throw refusals.notAcceptable()
  if (invite.expiresAt < unixSeconds()) throw refusals.gone()
}

/** Who asks to be let in. */
export function listJoinRequests(_query: Query, group: Group): Answer {
  const requests = [...group.joinRequests].map(([account, requestedAt]) =>
    node('membership_approval_request', {
      jid: account.address(group.addressing),
      phone_number: account.numberJid,
      request_time: requestedAt,
      request_method: 'invite_link',
    }),
  )
  return [node('membership_approval_requests', {}, requests)]
}

/** `<approve>` or `<reject>` with participants. */
export function answerJoinRequests({ network, from, what }: Query, group: Group): Answer {
  const added: Account[] = []
  const answers = children(what).map((action) => {
    const participants = children(action).map(({ attrs: { jid = '' } }) => {
      const account = network.findAccount(jid)
      if (!account || !group.joinRequests.delete(account)) return node('participant', { jid, error: 404 })
      if (action.tag !== 'approve') return node('participant', { jid })
      added.push(account)
      return participantNode(group, account)
    })
    return node(action.tag, {}, participants)
  })
  admit({ network, author: from, group, accounts: added })
  return [node('membership_requests_action', {}, answers)]
}
