import { bare, isGroupJid } from '../../lib/jid.ts'
import { limits } from '../../lib/limits.ts'
import { type MessageResponse, newestResponses } from '../../store/messages/message-responses.ts'
import { changesIn } from '../messages/stored-messages.ts'
import type { UserScope } from '../services.ts'
import type { Entry } from './entries.ts'
import { cut, type MessageParts, partsOf, pollIn, type QuotedPart } from './message-parts.ts'
import { loadPeople, ownAddresses, type People } from './people.ts'

/** Somebody's emoji on a message. */
export interface Reaction {
  emoji: string
  /** JID, by phone number where it is known, as all others here. */
  sender: string
  senderName: string
  fromMe: boolean
}

/** A poll as it stands. */
export interface Poll {
  question: string
  /** How many options one voter may choose; 0 = any number. */
  selectable: number
  /** `voters` are the first of them, by name or number. */
  options: { name: string; votes: number; voters: string[]; isOwn: boolean }[]
}

/** How far a message sent from here got; instants are unix milliseconds. */
export interface MessageState {
  status: 'accepted' | 'sent' | 'delivered' | 'read' | 'played' | 'failed'
  /** Why it failed, a sentence. */
  reason?: string
  sentAt?: number
  deliveredAt?: number
  readAt?: number
  failedAt?: number
}

/** A message of a chat as it stands now. */
export interface MessageView extends Omit<MessageParts, 'quoted' | 'mentions'> {
  id: string
  chat: string
  /** Unix milliseconds. */
  at: number
  fromMe: boolean
  sender: string
  /** '' for the account itself, and where no name is known. */
  senderName: string
  isEdited: boolean
  /** For everybody, or by this account for itself; nothing of it is shown. */
  isDeleted: boolean
  quoted?: QuotedPart & { senderName: string; fromMe: boolean }
  /** Names of those whom the text mentions, by what stands in the text behind the `@`. */
  mentions: { tag: string; name: string }[]
  /** The newest ones. */
  reactions: Reaction[]
  poll?: Poll
  state?: MessageState
}

/** More than the members of the largest group say nothing about a message. */
const MOST_RESPONSES = limits.list.max + 76
const MOST_REACTIONS = 100
const MOST_VOTERS = 50

/** How messages of one or several chats stand, in the same order. */
export async function viewMessages(scope: UserScope, entries: Entry[]): Promise<MessageView[]> {
  if (entries.length === 0) return []
  const { user, services } = scope
  const ids = entries.map(({ id }) => id)
  const named = entries.flatMap(({ chat, sender, message }) => {
    const { quoted, mentions } = partsOf(message)
    return [chat, sender, quoted?.sender ?? '', ...mentions]
  })
  const chatPeople = await loadPeople(scope, named)
  const chats = [...new Set(entries.flatMap(({ chat }) => chatPeople.addressesOf(chat)))]
  const responses = await newestResponses(services.db, {
    userId: user.id,
    chats,
    targetIds: ids,
    most: MOST_RESPONSES,
  })
  const people = await loadPeople(scope, [...named, ...responses.map(({ sender }) => sender)])
  const about = new Map<string, MessageResponse[]>()
  for (const response of responses) {
    const key = keyOf(people, response.chat, response.targetId)
    about.set(key, [...(about.get(key) ?? []), response])
  }
  const own = ownAddresses(scope)
  return entries.map((entry) =>
    viewOf(entry, { own, people, about: about.get(keyOf(people, entry.chat, entry.id)) ?? [] }),
  )
}

function keyOf(people: People, chat: string, id: string): string {
  return `${people.addressOf(chat)}/${id}`
}

interface Surroundings {
  own: { pn: string; lid: string }
  people: People
  about: MessageResponse[]
}

function viewOf(entry: Entry, { own, people, about }: Surroundings): MessageView {
  const { id, at, fromMe, message } = entry
  const isOwn = (jid: string) => people.addressOf(jid) === own.pn || bare(jid) === own.lid
  const chat = people.addressOf(entry.chat)
  const sender = fromMe ? own.pn : people.addressOf(entry.sender)
  const responses = about
    .map((response) => ({ ...response, sender: people.addressOf(response.sender) }))
    .sort((one, other) => other.at - one.at)
  const { isDeleted, editedText } = changesIn(responses, { sender, own: own.pn, isGroup: isGroupJid(chat) })
  const base = {
    id,
    chat,
    at,
    fromMe,
    sender,
    senderName: fromMe ? '' : people.nameOf(sender) || cut(entry.pushName),
    ...(entry.progress && { state: stateOf(entry.progress) }),
  }
  const { quoted, mentions, ...parts } = partsOf(message)
  if (isDeleted)
    return {
      ...base,
      kind: parts.kind,
      text: '',
      isForwarded: false,
      isEdited: false,
      isDeleted,
      mentions: [],
      reactions: [],
    }
  const poll = pollIn(message)
  return {
    ...base,
    ...parts,
    text: editedText === undefined ? parts.text : cut(editedText, limits.text.max),
    isEdited: editedText !== undefined,
    isDeleted,
    mentions: mentions.flatMap((jid) => mentionOf(people, jid)),
    reactions: reactionsIn(responses, { people, isOwn }),
    ...(quoted && { quoted: namedQuote(quoted, { people, isOwn }) }),
    ...(poll && { poll: tally(poll, responses, { people, isOwn }) }),
  }
}

interface Naming {
  people: People
  isOwn(jid: string): boolean
}

function namedQuote(quoted: QuotedPart, { people, isOwn }: Naming): NonNullable<MessageView['quoted']> {
  const sender = people.addressOf(quoted.sender)
  const fromMe = isOwn(sender)
  return { ...quoted, sender, senderName: fromMe ? '' : people.nameOf(sender), fromMe }
}

function mentionOf(people: People, jid: string): MessageView['mentions'] {
  const tag = bare(jid).split('@')[0] ?? ''
  const name = people.nameOf(jid)
  return tag === '' || name === '' ? [] : [{ tag: cut(tag, 40), name }]
}

function reactionsIn(responses: MessageResponse[], { people, isOwn }: Naming): Reaction[] {
  // Of somebody known by both addresses the newest counts.
  const bySender = new Map<string, Reaction>()
  for (const { kind, sender, content } of responses) {
    if (kind !== 'reaction' || bySender.has(sender)) continue
    const fromMe = isOwn(sender)
    bySender.set(sender, {
      emoji: cut(content, limits.reaction.max),
      sender,
      senderName: fromMe ? '' : people.nameOf(sender),
      fromMe,
    })
  }
  return [...bySender.values()].filter(({ emoji }) => emoji !== '').slice(0, MOST_REACTIONS)
}

function tally(
  { question, selectable, options }: NonNullable<ReturnType<typeof pollIn>>,
  responses: MessageResponse[],
  { people, isOwn }: Naming,
): Poll {
  const bySender = new Map<string, string[]>()
  for (const { kind, sender, content } of responses)
    if (kind === 'vote' && !bySender.has(sender)) bySender.set(sender, JSON.parse(content) as string[])
  const votes = [...bySender]
  return {
    question,
    selectable,
    options: options.map((name) => {
      const voters = votes.filter(([, chosen]) => chosen.includes(name)).map(([sender]) => sender)
      return {
        name,
        votes: voters.length,
        voters: voters
          .filter((voter) => !isOwn(voter))
          .slice(0, MOST_VOTERS)
          .map((voter) => people.nameOf(voter) || `+${voter.split('@')[0]}`),
        isOwn: voters.some(isOwn),
      }
    }),
  }
}

function stateOf({
  status,
  failure,
  sentAt,
  deliveredAt,
  readAt,
  failedAt,
}: NonNullable<Entry['progress']>): MessageState {
  const instants = Object.entries({ sentAt, deliveredAt, readAt, failedAt }).filter(([, at]) => at !== null)
  return {
    // The words of the list of sent messages.
    status: status === 'pending' ? 'accepted' : (status as MessageState['status']),
    ...(status === 'failed' && failure !== null && { reason: failure }),
    ...Object.fromEntries(instants),
  }
}
