import { done, type Example } from './example.ts'

/** The chapters on chats and on labels. */
export const chatsExamples: Example[] = [
  { request: 'POST /chat/pin', body: { Chat: '987654321' }, reply: done('ok') },
  { request: 'POST /chat/unpin', body: { Chat: '987654321' }, reply: done('ok') },
  { request: 'POST /chat/archive', body: { Chat: '987654321' }, reply: done('ok') },
  { request: 'POST /chat/mute', body: { Chat: '987654321' }, reply: done('ok') },
  { request: 'POST /chat/typing/start', body: { Jid: '123456789' }, reply: done('ok') },
  { request: 'POST /chat/typing/stop', body: { Jid: '123456789' }, reply: done('ok') },
  { request: 'POST /chat/delete', body: { Phone: '123456789' }, reply: done('ok') },
  { request: 'POST /chat/read', body: { Phone: '123456789' }, reply: done('ok') },
  { request: 'POST /chat/unread', body: { Phone: '123456789' }, reply: done('ok') },
  { request: 'POST /chat/recording/start', body: { Jid: '123456789' }, reply: done('ok') },
  { request: 'POST /chat/recording/stop', body: { Jid: '123456789' }, reply: done('ok') },
  {
    request: 'POST /chat/disappearing-timer',
    body: { phone: '1276543210', timer: '24h' },
    reply: done('ok'),
  },
  { request: 'POST /label/chat', body: { Jid: '123456789', LabelId: '1' }, reply: done('ok') },
  {
    request: 'POST /label/message',
    body: { Jid: '123456789', LabelId: '1', MessageId: '9812JHSHAS87' },
    reply: done('ok'),
  },
  {
    request: 'POST /label/edit',
    body: { LabelId: '1', Name: 'My Label', Color: 1, Action: true },
    reply: done('ok'),
  },
  { request: 'POST /unlabel/chat', body: { Jid: '123456789', LabelId: '1' }, reply: done('ok') },
  {
    request: 'POST /unlabel/message',
    body: { Jid: '123456789', LabelId: '1', MessageId: '9812JHSHAS87' },
    reply: done('ok'),
  },
]
