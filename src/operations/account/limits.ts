import type { Json, JsonObject } from '../../events/event-parts.ts'
import { textAt } from '../../events/unwrap.ts'
import { ApiError } from '../../lib/errors.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { isObject, type MexQuery, mex } from '../channels/mex.ts'

/** What WhatsApp allows the account towards people it has not written with yet. */
export interface AccountLimits {
  /** Null when WhatsApp does not say. */
  newChats: NewChatLimit | null
  /** Null when WhatsApp does not say. */
  reachOut: ReachOutLock | null
}

/** How many chats the account may still begin. Numbers are null, and words '', where WhatsApp names none. */
export interface NewChatLimit {
  total: number | null
  used: number | null
  /** Unix seconds. */
  cycleStartsAt: number | null
  cycleEndsAt: number | null
  /** `NONE`, `FIRST_WARNING`, `SECOND_WARNING` or `CAPPED`. */
  status: string
  /** Whether it may pass the limit once: `NOT_ELIGIBLE`, `ELIGIBLE`, `ACTIVE_IN_CURRENT_CYCLE` or `EXHAUSTED`. */
  extensionStatus: string
  /** Whether its verification raises the limit: `NOT_ELIGIBLE`, `NOT_ACTIVE`, `ACTIVE` or `ACTIVE_UPGRADE_AVAILABLE`. */
  verifiedStatus: string
}

/** A ban on writing to people the account does not know. */
export interface ReachOutLock {
  isActive: boolean
  /** Unix seconds; null when there is none, or no end. */
  endsAt: number | null
  /** Why, in WhatsApp's words: `BIZ_QUALITY`, `WEB_COMPANION_ONLY`, ...; '' when not said. */
  reason: string
}

// The library's calls for these would tell a refusal without WhatsApp's code.
const NEW_CHATS: MexQuery = { id: '24503548349331633', path: 'xwa2_message_capping_info' }
const REACH_OUT: MexQuery = { id: '23983697327930364', path: 'xwa2_fetch_account_reachout_timelock' }

/** What is known of the account's limits. What WhatsApp refuses to tell is null; throws when it does not answer at all. */
export async function accountLimits(session: LiveSession): Promise<AccountLimits> {
  const variables = { input: { type: 'INDIVIDUAL_NEW_CHAT_MSG' } }
  const [newChats, reachOut] = await Promise.all([
    told(session, NEW_CHATS, variables),
    told(session, REACH_OUT, {}),
  ])
  return {
    newChats: newChats && {
      total: number(newChats.total_quota),
      used: number(newChats.used_quota),
      cycleStartsAt: number(newChats.cycle_start_timestamp),
      cycleEndsAt: number(newChats.cycle_end_timestamp),
      status: textAt(newChats, 'capping_status'),
      extensionStatus: textAt(newChats, 'ote_status'),
      verifiedStatus: textAt(newChats, 'mv_status'),
    },
    reachOut: reachOut && {
      isActive: reachOut.is_active === true,
      endsAt: number(reachOut.time_enforcement_ends) || null,
      reason: textAt(reachOut, 'enforcement_type'),
    },
  }
}

async function told(
  session: LiveSession,
  query: MexQuery,
  variables: JsonObject,
): Promise<JsonObject | null> {
  try {
    const answer = await mex(session, query, variables)
    return isObject(answer) ? answer : null
  } catch (error) {
    // Not every account takes part in both; the rest is worth telling.
    if (error instanceof ApiError && error.code === 'upstream_refused') return null
    throw error
  }
}

/** WhatsApp writes numbers as such and as texts. */
function number(value: Json | undefined): number | null {
  if (typeof value !== 'number' && (typeof value !== 'string' || value === '')) return null
  const found = Number(value)
  return Number.isSafeInteger(found) ? found : null
}
