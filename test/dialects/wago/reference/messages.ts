import { failure, success } from '../wago.ts'
import { done, type Example, sent } from './example.ts'

/** The chapter on messages. */
export const messagesExamples: Example[] = [
  {
    request: 'POST /message/react',
    body: { Phone: '987654321', Body: '❤️', Id: '3EB06F9067F80BAB89FF', IsFromMe: true },
    reply: sent,
  },
  {
    request: 'POST /message/presence',
    body: { Phone: '987654321', State: 'composing', Media: 'audio' },
    reply: done('Chat presence set successfuly'),
  },
  // The JIDs are printed hidden; the contract has them.
  {
    request: 'POST /message/markread',
    body: {
      Id: ['AABBCC11223344', 'DDEEFF55667788'],
      Chat: '987654321@s.whatsapp.net',
      Sender: '987654321@s.whatsapp.net',
    },
    reply: done('Message(s) marked as read'),
  },
  {
    request: 'POST /message/status',
    body: { Id: '987654321' },
    reply: success({ Id: '987654321', Status: 'Read' }),
    differs: {
      why: 'Nobody sent this message.',
      status: 404,
      reply: failure(404, 'there is no sent message with this id'),
    },
  },
  // An id that exists.
  {
    request: 'POST /message/status',
    body: { Id: '$sent' },
    reply: success({ Id: '987654321', Status: 'Read' }),
  },
  {
    request: 'POST /message/delete',
    body: { Chat: '987654321', MessageID: '1222222287379827392' },
    reply: sent,
  },
  {
    request: 'POST /message/edit',
    body: { Chat: '987654321', Message: 'Hello World', MessageID: '1222222287379827392' },
    reply: sent,
  },
  // Printed without a body.
  {
    request: 'POST /message/downloadimage',
    body: '$image file',
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
  },
  {
    request: 'POST /message/download/image',
    body: {
      Url: 'string',
      DirectPath: 'string',
      MediaKey: 'string',
      Mimetype: 'string',
      FileEncSHA256: 'string',
      FileSHA256: 'string',
      FileLength: 0,
    },
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
    differs: {
      why: 'The values are names of types; a key is base64.',
      status: 400,
      reply: failure(400, 'could not decode payload'),
    },
  },
  // A file that exists.
  {
    request: 'POST /message/download/image',
    body: '$image file',
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
  },
  {
    request: 'POST /message/download/video',
    body: {
      Url: 'string',
      DirectPath: 'string',
      MediaKey: 'string',
      Mimetype: 'string',
      FileEncSHA256: 'string',
      FileSHA256: 'string',
      FileLength: 0,
    },
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
    differs: {
      why: 'The values are names of types; a key is base64.',
      status: 400,
      reply: failure(400, 'could not decode payload'),
    },
  },
  // A file that exists.
  {
    request: 'POST /message/download/video',
    body: '$video file',
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
  },
  {
    request: 'POST /message/download/document',
    body: {
      Url: 'string',
      DirectPath: 'string',
      MediaKey: 'string',
      Mimetype: 'string',
      FileEncSHA256: 'string',
      FileSHA256: 'string',
      FileLength: 0,
    },
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
    differs: {
      why: 'The values are names of types; a key is base64.',
      status: 400,
      reply: failure(400, 'could not decode payload'),
    },
  },
  // A file that exists.
  {
    request: 'POST /message/download/document',
    body: '$document file',
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
  },
  {
    request: 'POST /message/download/audio',
    body: {
      Url: 'string',
      DirectPath: 'string',
      MediaKey: 'string',
      Mimetype: 'string',
      FileEncSHA256: 'string',
      FileSHA256: 'string',
      FileLength: 0,
    },
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
    differs: {
      why: 'The values are names of types; a key is base64.',
      status: 400,
      reply: failure(400, 'could not decode payload'),
    },
  },
  // A file that exists.
  {
    request: 'POST /message/download/audio',
    body: '$audio file',
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
  },
  {
    request: 'POST /message/download/sticker',
    body: {
      Url: 'string',
      DirectPath: 'string',
      MediaKey: 'string',
      Mimetype: 'string',
      FileEncSHA256: 'string',
      FileSHA256: 'string',
      FileLength: 0,
    },
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
    differs: {
      why: 'The values are names of types; a key is base64.',
      status: 400,
      reply: failure(400, 'could not decode payload'),
    },
  },
  // A file that exists.
  {
    request: 'POST /message/download/sticker',
    body: '$sticker file',
    reply: success({ Mimetype: 'image/jpeg', Data: 'data:image/jpeg;base64,…' }),
  },
]
