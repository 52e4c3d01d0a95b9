import type { AttackFigures } from './attacks/tally.ts'
import type { MoodyReceiver } from './moody-receiver.ts'
import type { RetryRequest } from './retry-log.ts'
import type { StubbornSender } from './stubborn-sender.ts'
import type { Victim } from './victim.ts'
import { isInOrder, judgeWebhooks, type WebhookFigures } from './webhook-verdict.ts'
import {
  judgeWitnesses,
  type WitnessEvidence,
  type WitnessFigures,
  witnessRows,
} from './witnesses/witness-verdict.ts'

/** What happened, and everything that should not have. */
export interface TortureFigures {
  seed: number
  database: string
  sessions: number
  seconds: number
  kills: number
  /** How the server ended although nobody had killed it. */
  deaths: string[]
  receivedByWebhook: WebhookFigures
  sentByApi: {
    accepted: number
    lost: number
    twice: number
    outOfOrder: number
    unfinished: number
    refused: number
    requestsRepeated: number
    requestsInterrupted: number
    answersRepeated: number
  }
  refusedByReceiver: number
  answeredTooLate: number
  retryRequests: { byServer: number; byPhones: number }
  witnesses: WitnessFigures
  hostile: (AttackFigures & { tenants: number }) | undefined
  problems: string[]
}

/** What a run leaves behind; the lists have an entry for each session. */
export interface Evidence {
  seed: number
  database: string
  seconds: number
  victim: Victim
  receiver: MoodyReceiver
  /** Texts that the contact wrote. */
  fromContacts: string[][]
  senders: StubbornSender[]
  /** Texts that reached the contact, as often as they did. */
  atContacts: string[][]
  retryRequests: RetryRequest[]
  witnesses: WitnessEvidence
  hostile: TortureFigures['hostile']
}

/** Compares what was sent with what arrived. */
export function judge(evidence: Evidence): TortureFigures {
  const { seed, database, seconds, victim, receiver, senders, hostile } = evidence
  const { kills, deaths } = victim
  const receivedByWebhook = judgeWebhooks(receiver, evidence.fromContacts)
  const sentByApi = judgeSends(evidence)
  const byServer = evidence.retryRequests.filter(({ byCompanion }) => byCompanion).length
  const retryRequests = { byServer, byPhones: evidence.retryRequests.length - byServer }
  const witnesses = judgeWitnesses(evidence.witnesses, victim.uptimes)
  const counts = {
    'times the server ended by itself': deaths.length,
    'messages of contacts that never reached the webhook': receivedByWebhook.lost,
    'messages delivered under two ids': receivedByWebhook.underTwoIds,
    'chats out of order at the webhook': receivedByWebhook.outOfOrder,
    'deliveries that were not answered in time and never repeated': receivedByWebhook.notRepeated,
    'accepted sends that never reached the contact': sentByApi.lost,
    'sends that reached the contact twice': sentByApi.twice,
    'chats out of order at the contact': sentByApi.outOfOrder,
    'sends refused for good': sentByApi.refused,
    // Nothing here damages a message, so every one of them stands for keys that were lost or used twice.
    'messages the server could not decrypt': retryRequests.byServer,
    'messages a phone could not decrypt': retryRequests.byPhones,
    "witnesses' messages lost, under two ids or out of order":
      witnesses.lost + witnesses.underTwoIds + witnesses.outOfOrder,
  }
  const examples = [
    ...deaths,
    ...senders.flatMap(({ refusals }) => refusals),
    ...evidence.retryRequests.map(described),
  ]
  const found = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
  found.push(...witnesses.tooSlow)
  return {
    seed,
    database,
    sessions: senders.length,
    seconds,
    kills,
    deaths,
    receivedByWebhook,
    sentByApi,
    refusedByReceiver: receiver.refused,
    answeredTooLate: receiver.answeredTooLate,
    retryRequests,
    witnesses,
    hostile,
    problems: found.length > 0 ? [...found, ...examples.slice(0, 5)] : [],
  }
}

function judgeSends({ senders, atContacts }: Evidence): TortureFigures['sentByApi'] {
  const sum = (count: (sender: StubbornSender) => number) =>
    senders.reduce((total, sender) => total + count(sender), 0)
  return {
    accepted: sum(({ accepted }) => accepted.length),
    lost: senders.reduce((total, { accepted }, index) => {
      const arrived = new Set(atContacts[index])
      return total + accepted.filter((text) => !arrived.has(text)).length
    }, 0),
    twice: atContacts.reduce((total, texts) => total + texts.length - new Set(texts).size, 0),
    outOfOrder: atContacts.filter((texts) => !isInOrder([...new Set(texts)])).length,
    unfinished: sum(({ unfinished }) => unfinished.length),
    refused: sum(({ refusals }) => refusals.length),
    requestsRepeated: sum(({ repeated }) => repeated),
    requestsInterrupted: sum(({ interrupted }) => interrupted),
    answersRepeated: sum(({ replayed }) => replayed),
  }
}

function described({ by, author, id, count }: RetryRequest): string {
  return `${by} asked ${author} for ${id} (${count})`
}

/** The figures as a table, what went wrong, and one line of JSON. */
export function verdict(figures: TortureFigures): string {
  const { receivedByWebhook: webhook, sentByApi: api, retryRequests } = figures
  const rows = [
    ['database', figures.database],
    [
      'run',
      `${figures.seconds} s, ${figures.sessions} sessions, ${figures.kills} kills, seed ${figures.seed}`,
    ],
    [
      'contacts to webhook',
      `${webhook.sent} sent, ${webhook.lost} lost, ${webhook.repeated} repeated under the same id`,
    ],
    ['  under two ids, chats out of order', `${webhook.underTwoIds}, ${webhook.outOfOrder}`],
    ['  refused by the receiver', String(figures.refusedByReceiver)],
    ['  answered too late, never repeated', `${figures.answeredTooLate}, ${webhook.notRepeated}`],
    [
      'API to contacts',
      `${api.accepted} accepted, ${api.lost} lost, ${api.twice} twice, ${api.unfinished} unfinished`,
    ],
    ['  chats out of order, refused for good', `${api.outOfOrder}, ${api.refused}`],
    ['  requests cut off, repeated', `${api.requestsInterrupted}, ${api.requestsRepeated}`],
    ['  answered like an earlier one', String(api.answersRepeated)],
    ['undecryptable at the server, at phones', `${retryRequests.byServer}, ${retryRequests.byPhones}`],
    ['the server ended by itself', `${figures.deaths.length} times`],
    ...witnessRows(figures.witnesses),
    ...hostileRows(figures.hostile),
  ]
  const table = rows.map(([name = '', value]) => `${name.padEnd(42)}${value}`).join('\n')
  const outcome =
    figures.problems.length > 0 ? `FAILED: ${figures.problems.join('; ')}` : 'Nothing lost, nothing twice.'
  return `\n${table}\n\n${outcome}\n\n${JSON.stringify(figures)}\n`
}

function hostileRows(hostile: TortureFigures['hostile']): [string, string][] {
  if (!hostile) return [['hostile tenants', 'none']]
  const counted = (counts: Record<string, number>) =>
    Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return [
    ['hostile tenants', `${hostile.tenants}, ${hostile.requests} requests`],
    ['  answers', counted(hostile.answers).join(', ')],
    ['  steps that failed', `${hostile.failed}, such as ${hostile.reasons.at(-1) ?? 'none'}`],
    ...counted(hostile.attacks).map((line): [string, string] => ['  attack', line]),
  ]
}
