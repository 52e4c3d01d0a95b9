import type { RecordedEvent } from '../../events/bus.ts'
import type { ChatChange } from '../../events/chat-changes.ts'
import type { Event, MessageEvent } from '../../events/event.ts'
import { contentOf, targetOf } from '../../events/message-kinds.ts'
import { messageOf } from '../../events/unwrap.ts'
import { ApiError } from '../../lib/errors.ts'
import { bare } from '../../lib/jid.ts'
import { isReferable } from '../../whatsapp/inbound/store-received.ts'
import type { UserScope } from '../services.ts'
import { type ChatView, chatNamed, viewChats } from './chat-views.ts'
import { findEntries } from './entries.ts'
import { type MessageView, viewMessages } from './message-views.ts'
import { loadPeople } from './people.ts'

/** What happens in the chats of an account. */
export type LiveNews =
  /** A message is there. */
  | { type: 'message'; message: MessageView }
  /** A message that was there stands differently: edited, deleted, reacted to, voted in, further on its way. */
  | { type: 'changed'; message: MessageView }
  /** A chat has something new, was read, or is set differently. */
  | { type: 'chat'; chat: ChatView }
  /** The session: the name of what happened, such as `session.open`. */
  | { type: 'session'; event: string }
  /** A call: the name of what happened, such as `call.offer`, and where. */
  | { type: 'call'; event: string; id: string; chat: string }
  /** More happened than can be told one by one: what is shown should be asked for anew. */
  | { type: 'reset' }

/** So long is gathered: a message, its receipt and its state come within a moment. */
const GATHER_MS = 50
/** More messages, or chats, at once than anybody can look at. */
const MOST_AT_ONCE = 100
const MOST_CHATS_AT_ONCE = 30

/** What has happened since the last time it was told. */
interface Gathered {
  /** Messages by chat and id, and whether they are new. */
  messages: Map<string, { chat: string; id: string; isNew: boolean }>
  chats: Set<string>
  told: LiveNews[]
}

/**
 * Tells what happens in the chats of an account from now on, in order and as it is stored: read after the commit, so that
 * what is told and what lists say agree. Returns what ends that.
 */
export function watchConversations(scope: UserScope, tell: (news: LiveNews) => void): () => void {
  const { user, services } = scope
  let gathered = nothing()
  let timer: NodeJS.Timeout | undefined
  let isTelling = false
  let isOver = false

  function soon(): void {
    if (!isOver && !isTelling) timer ??= setTimeout(() => void tellGathered(), GATHER_MS).unref()
  }

  async function tellGathered(): Promise<void> {
    timer = undefined
    isTelling = true
    const now = gathered
    gathered = nothing()
    try {
      for (const news of await newsOf(scope, now)) if (!isOver) tell(news)
    } catch (error) {
      services.log.warn({ err: error, session: user.id }, 'could not tell what happened in the chats')
      if (!isOver) tell({ type: 'reset' })
    }
    isTelling = false
    if (!isEmpty(gathered)) soon()
  }

  function gather(change: ChatChange): void {
    gathered.chats.add(change.chat)
    if (change.kind === 'chat') return
    const { chat, id, isNew } = change
    const key = `${chat}/${id}`
    gathered.messages.set(key, {
      chat,
      id,
      isNew: isNew === true || gathered.messages.get(key)?.isNew === true,
    })
  }

  function hear(recorded: RecordedEvent[]): void {
    for (const { event } of recorded) {
      if (event.type === 'message') for (const change of changesOf(event)) gather(change)
      else gathered.told.push(...newsIn(event))
    }
    if (!isEmpty(gathered)) soon()
  }

  const stops = [
    services.events.listen((userId, recorded) => {
      if (userId === user.id) hear(recorded)
    }),
    services.chatChanges.listen(user.id, (changes) => {
      for (const change of changes) gather(change)
      soon()
    }),
  ]
  return () => {
    isOver = true
    clearTimeout(timer)
    for (const stop of stops) stop()
  }
}

function nothing(): Gathered {
  return { messages: new Map(), chats: new Set(), told: [] }
}

function isEmpty({ messages, chats, told }: Gathered): boolean {
  return messages.size === 0 && chats.size === 0 && told.length === 0
}

/** The message itself, or the one that it changes. */
function changesOf(event: MessageEvent): ChatChange[] {
  if (event.category === 'peer') return []
  const { chat, id, pollVote } = event
  const message = messageOf(event)
  if (isReferable(message)) return [{ kind: 'message', chat, id, isNew: true }]
  const found = contentOf(message)
  const target = pollVote?.pollId ?? event.sealed?.targetId ?? (found && targetOf(found))
  return target ? [{ kind: 'message', chat, id: target, isNew: false }] : []
}

function newsIn(event: Event): LiveNews[] {
  if (event.type.startsWith('session.')) return [{ type: 'session', event: event.type }]
  if ('callId' in event && event.type !== 'call.relay')
    return [{ type: 'call', event: event.type, id: event.callId, chat: bare(event.chat) }]
  return []
}

async function newsOf(scope: UserScope, { messages, chats, told }: Gathered): Promise<LiveNews[]> {
  if (messages.size > MOST_AT_ONCE || chats.size > MOST_CHATS_AT_ONCE) return [...told, { type: 'reset' }]
  const changed = [...messages.values()]
  const people = await loadPeople(scope, [...chats])
  const entries = await findEntries(scope, {
    chats: [...new Set(changed.flatMap(({ chat }) => people.addressesOf(chat)))],
    ids: changed.map(({ id }) => id),
  })
  const fresh = new Set(
    changed.filter(({ isNew }) => isNew).map(({ chat, id }) => `${people.addressOf(chat)}/${id}`),
  )
  const views = await viewMessages(scope, entries)
  const lines = await linesOf(scope, new Set([...chats].map((chat) => people.addressOf(chat))))
  return [
    ...told,
    ...views.reverse().map(
      (message): LiveNews => ({
        type: fresh.has(`${message.chat}/${message.id}`) ? 'message' : 'changed',
        message,
      }),
    ),
    ...lines.map((chat): LiveNews => ({ type: 'chat', chat })),
  ]
}

async function linesOf(scope: UserScope, chats: Set<string>): Promise<ChatView[]> {
  const named = await Promise.all(
    [...chats].map((chat) =>
      chatNamed(scope, chat).catch((error: unknown) => {
        // What names no chat, as a stranger may write, has no line.
        if (error instanceof ApiError) return undefined
        throw error
      }),
    ),
  )
  return viewChats(
    scope,
    named.filter((entry) => entry !== undefined),
  )
}
