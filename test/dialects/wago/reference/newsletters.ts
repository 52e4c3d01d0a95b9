import { failure, success } from '../wago.ts'
import { done, type Example, newsletter } from './example.ts'

/** The chapter on newsletters. */
export const newslettersExamples: Example[] = [
  {
    request: 'POST /newsletter/create',
    body: { Name: 'My Newsletter', Description: 'This is my newsletter' },
    reply: success(newsletter),
  },
  { request: 'GET /newsletter/list', reply: success({ Newsletter: [newsletter] }) },
  {
    request: 'POST /newsletter/info',
    body: { Jid: '123456789' },
    reply: success(newsletter),
    differs: {
      why: 'There is no such channel.',
      status: 500,
      reply: failure(500, 'graphql error: Not Found'),
    },
  },
  // A channel that exists.
  { request: 'POST /newsletter/info', body: { Jid: '$channel' }, reply: success(newsletter) },
  {
    request: 'POST /newsletter/link',
    body: { Key: '123456789' },
    reply: success(newsletter),
    differs: {
      why: 'There is no such channel.',
      status: 500,
      reply: failure(500, 'graphql error: Not Found'),
    },
  },
  // A channel that exists.
  { request: 'POST /newsletter/link', body: { Key: '$channelKey' }, reply: success(newsletter) },
  {
    request: 'POST /newsletter/subscribe',
    body: { Jid: '123456789' },
    reply: done('Subscribed'),
    differs: {
      why: 'There is no such channel.',
      status: 500,
      reply: failure(500, 'graphql error: Not Found'),
    },
  },
  // A channel that exists.
  { request: 'POST /newsletter/subscribe', body: { Jid: '$foreign' }, reply: done('Subscribed') },
  {
    request: 'POST /newsletter/messages',
    body: { Jid: '123456789', Count: 10, BeforeId: 123456789 },
    reply: success({
      Messages: [
        { MessageServerID: 101, ViewsCount: 12, ReactionCounts: { '❤️': 3 }, Message: { conversation: '…' } },
      ],
    }),
    differs: {
      why: 'There is no such channel.',
      status: 500,
      reply: failure(500, 'info query returned status 404: item-not-found'),
    },
  },
  // A channel that exists.
  {
    request: 'POST /newsletter/messages',
    body: { Jid: '$channel', Count: 10, BeforeId: 123456789 },
    reply: success({
      Messages: [
        { MessageServerID: 101, ViewsCount: 12, ReactionCounts: { '❤️': 3 }, Message: { conversation: '…' } },
      ],
    }),
  },
]
