import { failure, success } from '../wago.ts'
import { done, type Example } from './example.ts'

/** The chapters on users and on contacts and broadcasts. */
export const peopleExamples: Example[] = [
  {
    request: 'POST /user/info',
    body: { Phone: ['123456789', '987654321'] },
    reply: success({
      Users: { '123456789@s.whatsapp.net': { Devices: [], PictureID: '', Status: '', VerifiedName: null } },
    }),
  },
  {
    request: 'POST /user/check',
    body: { Phone: ['123456789', '987654321'] },
    reply: success({
      Users: [{ Query: '123456789', IsInWhatsapp: true, JID: '123456789@s.whatsapp.net', VerifiedName: '' }],
    }),
  },
  {
    request: 'GET /user/avatar',
    reply: success({
      URL: 'https://pps.whatsapp.net/…',
      ID: '1645308319',
      Type: 'image',
      DirectPath: '/v/…',
    }),
  },
  {
    request: 'POST /user/avatar',
    body: { Phone: '123456789', Preview: true },
    reply: success({
      URL: 'https://pps.whatsapp.net/…',
      ID: '1645308319',
      Type: 'preview',
      DirectPath: '/v/…',
    }),
  },
  {
    request: 'GET /user/contacts',
    reply: success({
      '123456789@s.whatsapp.net': {
        Found: true,
        FirstName: 'John',
        FullName: 'John Doe',
        PushName: 'John',
        BusinessName: '',
      },
    }),
  },
  {
    request: 'GET /user/privacy',
    reply: success({
      GroupAdd: 'all',
      LastSeen: 'all',
      Status: 'contacts',
      Profile: 'all',
      ReadReceipts: 'all',
      CallAdd: 'all',
      Online: 'all',
    }),
  },
  { request: 'POST /user/block', body: { Phone: '123456789' }, reply: done('Contact blocked') },
  { request: 'POST /user/unblock', body: { Phone: '123456789' }, reply: done('Contact unblocked') },
  { request: 'GET /user/blocklist', reply: success({ DHash: '…', JIDs: ['123456789@s.whatsapp.net'] }) },
  {
    request: 'POST /user/profile',
    body: { Image: 'data:image/jpeg;base64,Akd9300...' },
    reply: success({ Details: 'Profile picture set', PictureID: '1645308319' }),
    differs: {
      why: 'The picture is printed cut off and is not base64.',
      status: 400,
      reply: failure(400, 'could not decode base64 encoded data from payload'),
    },
  },
  // The picture is printed cut off; this one is whole.
  {
    request: 'POST /user/profile',
    body: { Image: '$image' },
    reply: success({ Details: 'Profile picture set', PictureID: '1645308319' }),
  },
  { request: 'POST /user/name', body: { Name: 'John Doe' }, reply: done('Profile name updated') },
  { request: 'POST /user/presence', body: { Presence: 'available' }, reply: done('Presence sent') },
  { request: 'GET /user/limits', reply: success({ limits: {} }) },
  {
    request: 'POST /user/parselid',
    body: { LID: '123456789@lid' },
    reply: success({ LID: '123456789@lid', JID: '987654321@s.whatsapp.net' }),
    differs: {
      why: 'Nobody knows this LID.',
      status: 500,
      reply: failure(500, 'no phone number is known for this LID'),
    },
  },
  // A LID the session has met.
  {
    request: 'POST /user/parselid',
    body: { LID: '$lid' },
    reply: success({ LID: '123456789@lid', JID: '987654321@s.whatsapp.net' }),
  },
  { request: 'GET /user/appstate', reply: done('App state fetched') },
  {
    request: 'POST /contact/add',
    body: { Phone: '123456789', FirstName: 'John', FullName: 'John Doe', SaveOnBook: true },
    reply: done('Contact added'),
  },
  { request: 'POST /contact/remove', body: { Phone: '123456789' }, reply: done('Contact removed') },
  {
    request: 'POST /broadcast/listparticipants',
    body: { ID: '123456789' },
    reply: success({ Participants: ['123456789@s.whatsapp.net'] }),
    differs: {
      why: 'WhatsApp tells linked devices the members of status@broadcast only',
      status: 501,
      reply: failure(
        501,
        'WhatsApp tells linked devices the members of status@broadcast only, not those of lists made on the phone',
      ),
    },
  },
]
