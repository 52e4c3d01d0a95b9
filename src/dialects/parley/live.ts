import type { Authenticate, FeedStream } from '../../http/endpoint/dialect.ts'
import { type LiveNews, watchConversations } from '../../operations/conversations/live.ts'
import { chatShape, messageShape } from './chat-shapes.ts'

/** The stream of what happens in the chats of an account, for its console. */
export function liveFeed(authenticate: Authenticate): FeedStream {
  return {
    kind: 'feed',
    path: '/me/live',
    summary: 'What happens in your chats, as it happens',
    description:
      'Events: `message` and `changed` with a message, `chat` with a chat, as the lists have them; `session` `{event}`; `call` `{event, id, chat}`; `reset`, after which what is shown should be asked for anew. A comment comes every 20 seconds. Nothing is kept for who is away: a stream that is opened with `Last-Event-ID` begins with `reset`.',
    security: 'token',
    authenticate,
    isOn: () => true,
    async begin(scope, head, far) {
      let id = 0
      const tell = (news: LiveNews) =>
        far.send(`id: ${++id}\nevent: ${news.type}\ndata: ${JSON.stringify(dataOf(news))}\n\n`)
      // Comes with the answer, so that whoever opens a stream sees that it is there.
      far.send(': open\n\n')
      if (head.header('last-event-id') !== undefined) tell({ type: 'reset' })
      return { closed: watchConversations(scope, tell) }
    },
  }
}

/** What is told of it; JSON has no line ends, which would end the data. */
function dataOf(news: LiveNews): object {
  if (news.type === 'message' || news.type === 'changed') return messageShape(news.message)
  if (news.type === 'chat') return chatShape(news.chat)
  const { type: _type, ...rest } = news
  return rest
}
