import type { DocumentWords } from '../../http/document/words.ts'
import { glossary } from '../shared/documents/glossary.ts'
import { webhookExamples } from '../shared/documents/webhook-examples.ts'
import { webhookProfile } from './events/webhook.ts'

export const documentWords: DocumentWords = {
  description:
    'One user is one linked WhatsApp account. The administrator, who has the admin token in `Authorization`, creates users; everything else is done with the token of a user in `Token`.',
  tags: {
    Admin: 'Create, change and delete users; for the administrator',
    Webhook: 'Where the events of a user go, and which ones',
    Session: 'Link a phone, connect, disconnect, and what a user is set up with',
    User: 'What is known of people, and the account’s own profile and privacy',
    Chat: 'Send, change and read messages, and mark chats',
    Group: 'Groups and their members',
    Community: 'Communities and the groups inside',
    Newsletter: 'Channels',
    Status: 'The text about the account',
    Call: 'Place, take and refuse calls',
    Label: 'Labels of business accounts',
    Health: 'Whether the server is well; without a key',
    WebSocket: 'The sound of a call',
  },
  fields: glossary,
  webhooks: () => webhookExamples(webhookProfile),
  webhookHeaders: {
    'x-hmac-signature': 'HMAC-SHA256 of the body in hex, with the key of the user; only where a key is set',
  },
}
