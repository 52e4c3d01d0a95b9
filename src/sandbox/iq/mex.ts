import { z } from 'zod'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { node, text } from '../world/node.ts'
import { updateTextStatus } from './about.ts'
import { newChatLimit, reachOutLock } from './limits.ts'
import { GraphQlError, type MexCall, mexVariables } from './mex-call.ts'
import {
  countAdmins,
  createNewsletter,
  deleteNewsletter,
  followedNewsletters,
  joinNewsletter,
  leaveNewsletter,
  listSubscribers,
  pageSubscribers,
  setMuted,
  showNewsletter,
  updateNewsletter,
} from './newsletter-operations.ts'
import type { Answer, QueryFamily } from './query.ts'

/** A stored GraphQL query: the member of `data` its answer stands in, and the answer. */
interface Operation {
  path: string
  run: (call: MexCall) => unknown
  numbers: string[]
}

/**
 * Clients do not send queries but the numbers under which the service has stored them. Several do the same thing, as
 * clients are of several ages: Baileys 7.0.0-rc14's come first, then whatsmeow's of 2026-09-21, of the web and, where it
 * has another, of the desktop.
 */
const OPERATIONS: Operation[] = [
  {
    path: 'xwa2_newsletter_subscribed',
    run: followedNewsletters,
    // whatsmeow has the desktop's number for following too; other clients know it for the list alone.
    numbers: ['6388546374527196', '8621797084555037'],
  },
  { path: 'xwa2_newsletter', run: showNewsletter, numbers: ['6563316087068696', '9779843322044422'] },
  {
    path: 'xwa2_newsletter_create',
    run: createNewsletter,
    numbers: ['8823471724422422', '6234210096708695', '27527996220149684'],
  },
  {
    path: 'xwa2_newsletter_update',
    run: updateNewsletter,
    numbers: ['24250201037901610', '7150902998257522', '7839742399440946'],
  },
  { path: 'xwa2_newsletter_delete_v2', run: deleteNewsletter, numbers: ['30062808666639665'] },
  {
    path: 'xwa2_newsletter_join_v2',
    run: joinNewsletter,
    numbers: ['24404358912487870', '9926858900719341'],
  },
  {
    path: 'xwa2_newsletter_leave_v2',
    run: leaveNewsletter,
    numbers: ['9767147403369991', '6392786840836363', '8782612271820087'],
  },
  {
    path: 'xwa2_newsletter_mute_v2',
    run: (call) => setMuted(call, true),
    numbers: ['29766401636284406', '6274038279359549', '5971669009605755'],
  },
  {
    path: 'xwa2_newsletter_unmute_v2',
    run: (call) => setMuted(call, false),
    numbers: ['9864994326891137', '6068417879924485', '6104029483058502'],
  },
  { path: 'xwa2_newsletter_subscribers', run: listSubscribers, numbers: ['9783111038412085'] },
  {
    path: 'xwa2_newsletter_subscribers',
    run: pageSubscribers,
    numbers: ['9800646650009898', '25403502652570342'],
  },
  { path: 'xwa2_newsletter_admin', run: countAdmins, numbers: ['7130823597031706'] },
  { path: 'xwa2_update_text_status', run: updateTextStatus, numbers: ['9152604461510864'] },
  {
    path: 'xwa2_fetch_account_reachout_timelock',
    run: ({ account }) => reachOutLock(account),
    numbers: ['23983697327930364'],
  },
  { path: 'xwa2_message_capping_info', run: newChatLimit, numbers: ['24503548349331633'] },
]

const BY_NUMBER = new Map(OPERATIONS.flatMap((one) => one.numbers.map((number) => [number, one] as const)))

/** `w:mex`: the stored GraphQL queries. */
export const mex: Record<string, QueryFamily> = {
  'w:mex'({ network, from, what }) {
    const number = what.attrs.query_id ?? ''
    const operation = BY_NUMBER.get(number)
    if (!operation) network.noteUnknownQuery(`w:mex ${number}`)
    const variables = asked(what)
    if (!operation || !variables) return refused(new GraphQlError(400, 'Bad Request'))
    try {
      return result({
        data: { [operation.path]: operation.run({ network, account: from.account, variables }) },
      })
    } catch (error) {
      if (error instanceof GraphQlError) return refused(error, operation.path)
      throw error
    }
  },
}

function asked(what: BinaryNode): MexCall['variables'] | undefined {
  try {
    return z.object({ variables: mexVariables }).parse(JSON.parse(text(what) ?? '')).variables
  } catch {
    // Neither JSON nor what any of the queries takes.
    return undefined
  }
}

/**
 * A refusal names the member it is about. What the service cannot make out is a "Bad Request" about none (observed 2025-01
 * and 2026-08 with variables it does not take); a number it does not know is taken to be the same, which nobody has seen.
 */
function refused({ code, message }: GraphQlError, path?: string): Answer {
  const extensions = { error_code: code, severity: 'CRITICAL', is_retryable: false }
  return result({
    data: path === undefined ? null : { [path]: null },
    errors: [{ message, path: path === undefined ? [] : [path], extensions }],
  })
}

function result(answer: object): Answer {
  return [node('result', {}, Buffer.from(JSON.stringify(answer)))]
}
