import type { DocumentWords } from '../../http/document/words.ts'
import { glossary } from '../shared/documents/glossary.ts'
import { webhookExamples } from '../shared/documents/webhook-examples.ts'
import { webhookProfile } from './events/webhook.ts'

export const documentWords: DocumentWords = {
  description:
    'One session is one linked WhatsApp account. Its key is sent in `token`; the administrator has the admin token in `admintoken`.',
  tags: {
    Sessions: 'Link a phone, connect and disconnect',
    'Sessions (admin)': 'Create and delete sessions; for the administrator',
    Webhooks: 'Where the events of a session go',
    'Sending messages': 'Everything that can be sent',
    Bots: 'Bots of WhatsApp, and what can be asked of them',
    Users: 'What is known of people, and the account’s own profile and privacy',
    'Contacts and broadcasts': 'The address book and lists of recipients',
    Messages: 'Change, read and download messages',
    Chats: 'Marks of chats, and what is shown while somebody types',
    Groups: 'Groups and their members',
    Communities: 'Communities and the groups inside',
    Labels: 'Labels of business accounts',
    Newsletters: 'Channels',
    Business: 'Profile and catalogue of a business',
    Calls: 'Place, take and refuse calls',
    Status: 'What is shown to contacts for a day',
    Server: 'Whether the server is well',
    'Server (admin)': 'The server as a whole; for the administrator',
  },
  fields: glossary,
  webhooks: () => webhookExamples(webhookProfile),
}
