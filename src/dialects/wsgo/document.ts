import type { DocumentWords } from '../../http/document/words.ts'
import { glossary } from '../shared/documents/glossary.ts'
import { webhookExamples } from '../shared/documents/webhook-examples.ts'
import { webhookProfile } from './events.ts'

export const documentWords: DocumentWords = {
  description: 'The one device is that of the user whose token is sent in `X-API-Key`.',
  tags: {
    'Connection & Status': 'Link the phone, and how the connection is',
    Messaging: 'Send messages',
    Groups: 'Groups',
    Contacts: 'What is known of people',
    Webhooks: 'Where the events go',
    'Events Log': 'What happened lately',
    Pages: 'The page that shows the code',
  },
  fields: glossary,
  webhooks: () => webhookExamples(webhookProfile),
}
