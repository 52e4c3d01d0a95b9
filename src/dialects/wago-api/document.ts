import type { DocumentWords } from '../../http/document/words.ts'
import { PERSON } from '../shared/documents/example-values.ts'
import { glossary } from '../shared/documents/glossary.ts'
import { webhookExamples } from '../shared/documents/webhook-examples.ts'
import { webhookProfile } from './events/webhook.ts'

export const documentWords: DocumentWords = {
  description:
    'A session is named in the path, by the name or the id of its user. The key in `X-Api-Key` is the admin token or `API_KEY` for all sessions, or the token of a user for its own.',
  tags: {
    Session: 'Start, link and stop sessions',
    Message: 'Change, answer and download messages',
    Client: 'Send, and what belongs to the account as a whole',
    Chat: 'Marks of chats, and what is shown while somebody types',
    Contact: 'What is known of people',
    Group: 'Groups and their members',
    Channel: 'Channels',
    Community: 'Communities and the groups inside',
    Privacy: 'Who sees what of the account',
    'Business & Bot': 'Businesses and bots',
    Call: 'Refuse calls',
    Status: 'What is shown to contacts for a day',
    WebSocket: 'Events as they happen',
  },
  fields: { ...glossary, id: ['Name or id of the session', 'shop'], userid: ['JID of a person', PERSON] },
  webhooks: () => webhookExamples(webhookProfile),
}
