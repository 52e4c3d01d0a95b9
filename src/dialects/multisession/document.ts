import type { DocumentWords } from '../../http/document/words.ts'
import { glossary } from '../shared/documents/glossary.ts'
import { webhookExamples } from '../shared/documents/webhook-examples.ts'
import { tellingsOf } from './events/tellings.ts'
import { webhookProfile } from './events/webhook.ts'

export const documentWords: DocumentWords = {
  description:
    'The administrator (`X-Admin-Secret`) creates customers, a customer (`X-API-Key`) creates devices, and a device (`Authorization: Bearer …`) sends.',
  tags: {
    System: 'The server as a whole',
    'Admin dashboard': 'Figures and devices of all customers; for the administrator',
    'Admin API keys': 'Create, change and delete customers; for the administrator',
    'Device creation': 'Create devices; for customers',
    'Device token': 'Get a token for a device',
    Device: 'Link the phone, connect and disconnect',
    History: 'Ask the phone for older messages',
    'Chats and messaging': 'Send messages, and mark chats',
    'Message actions': 'Change, answer and download messages',
    Polls: 'Polls and their votes',
    Calls: 'Refuse calls',
    Presence: 'Whether the account is online, and who else is',
    'App state': 'What the devices of the account tell each other',
    Status: 'What is shown to contacts for a day',
    Users: 'What is known of people, and the account’s own profile and privacy',
    Business: 'Businesses',
    Bots: 'Bots of WhatsApp',
    Groups: 'Groups, communities and their members',
    Newsletters: 'Channels',
    Webhooks: 'Where the events of a device go',
    Documentation: 'This document under other names',
  },
  fields: { ...glossary, id: ['Its number', 1] },
  webhooks: () => webhookExamples(webhookProfile, (event, user) => [...tellingsOf(event, user).keys()]),
  webhookHeaders: {
    'x-webhook-event': 'The name of the event',
    'x-webhook-signature':
      '`sha256=` and the HMAC-SHA256 of the body in hex, with the secret of the webhook; only where a secret is set',
    'x-hub-signature-256': 'The same as `X-Webhook-Signature`',
  },
}
