import type { Account } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { unixSeconds } from '../world/node.ts'
import { GraphQlError, type MexCall, tellByMex } from './mex-call.ts'

/** Whether the account may write to people it does not know, and if not, until when and why. */
export function reachOutLock({ limits: { reachOut } }: Account) {
  if (!reachOut) return { is_active: false }
  const { endsAt, reason } = reachOut
  return { is_active: true, time_enforcement_ends: String(endsAt), enforcement_type: reason }
}

/** Tells an account's devices that it may, or may no longer, write to people it does not know (whatsmeow 2026-09-21). */
export function tellReachOutLock(network: Network, account: Account): void {
  tellByMex({ network, account }, 'NotificationUserReachoutTimelockUpdate', {
    xwa2_notify_account_reachout_timelock: reachOutLock(account),
  })
}

/** How many chats the account may still begin. */
export function newChatLimit({ account, variables: { input } }: MexCall) {
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
