/** An example of the reference document: its request and the reply it prints, or whose reply it shares. */
export interface Example {
  request: string
  /** As printed, except that `$name` stands for what the document's author had and nobody else has. */
  body?: unknown
  /** Every member must be there and of the printed kind; `bare` replies come without the envelope. */
  reply: unknown
  bare?: boolean
}

const sent = {
  code: 200,
  data: {
    Details: 'Sent',
    Id: '90B2F8B13FAC8A9CF6B06E99C7834DC5',
    Timestamp: '2022-04-20T12:49:08-03:00',
  },
  success: true,
}
const done = (Details: string) => ({ code: 200, data: { Details }, success: true })

const group = {
  AnnounceVersionID: '1650572126123738',
  DisappearingTimer: 0,
  GroupCreated: '2022-04-21T17:15:26-03:00',
  IsAnnounce: false,
  IsEphemeral: false,
  IsLocked: false,
  JID: '120362023605733675@g.us',
  Name: 'Super Group',
  NameSetAt: '2022-04-21T17:15:26-03:00',
  NameSetBy: '5491155554444@s.whatsapp.net',
  OwnerJID: '5491155554444@s.whatsapp.net',
  ParticipantVersionID: '1650234126145738',
  Participants: [{ IsAdmin: true, IsSuperAdmin: true, JID: '5491155554444@s.whatsapp.net' }],
  Topic: '',
  TopicID: '',
  TopicSetAt: '0001-01-01T00:00:00Z',
  TopicSetBy: '',
}
const download = (kind: string) => ({
  request: `POST /chat/download${kind}`,
  body: '$file',
  // The document prints no reply; the contract does.
  reply: { code: 200, data: { Data: 'data:image/jpeg;base64,AA==', Mimetype: 'image/jpeg' }, success: true },
})
const vcard =
  'BEGIN:VCARD\nVERSION:3.0\nN:Doe;John;;;\nFN:John Doe\nORG:Example.com Inc.;\nTITLE:Imaginary test person\nEMAIL;type=INTERNET;type=WORK;type=pref:johnDoe@example.org\nTEL;type=WORK;type=pref:+1 617 555 1212\nTEL;type=WORK:+1 (617) 555-1234\nTEL;type=CELL:+1 781 555 1212\nTEL;type=HOME:+1 202 555 1212\nitem1.ADR;type=WORK:;;2 Enterprise Avenue;Worktown;NY;01111;USA\nitem1.X-ABADR:us\nitem2.ADR;type=HOME;type=pref:;;3 Acacia Avenue;Hoitem2.X-ABADR:us\nEND:VCARD'

/** Those that need no session, and those that open one. */
export const examplesBeforeLinking: Example[] = [
  {
    request: 'POST /webhook',
    body: { webhookURL: '$webhook' },
    reply: { code: 200, data: { webhook: 'https://example.net/webhook' }, success: true },
  },
  {
    request: 'GET /webhook',
    reply: {
      code: 200,
      data: { subscribe: ['Message'], webhook: 'https://example.net/webhook' },
      success: true,
    },
  },
  {
    request: 'POST /session/connect',
    body: { Subscribe: ['Message'], Immediate: false },
    reply: {
      code: 200,
      data: {
        details: 'Connected!',
        events: 'Message',
        jid: '5491155554444.0:52@s.whatsapp.net',
        webhook: 'http://some.site/webhook?token=123456',
      },
      success: true,
    },
  },
  {
    request: 'GET /session/qr',
    reply: { code: 200, data: { QRCode: 'data:image/png;base64,iVBORw0KGgo...' }, success: true },
  },
  {
    request: 'GET /session/status',
    reply: { code: 200, data: { Connected: true, LoggedIn: true }, success: true },
  },
]

/** Those of a linked session, in the document's order. */
export const examples: Example[] = [
  {
    request: 'GET /session/status',
    reply: { code: 200, data: { Connected: true, LoggedIn: true }, success: true },
  },
  {
    request: 'POST /user/info',
    body: { Phone: ['5491155554445', '5491155554444'] },
    reply: {
      code: 200,
      data: {
        Users: {
          '5491155554445@s.whatsapp.net': { Devices: [], PictureID: '', Status: '', VerifiedName: null },
          '5491155554444@s.whatsapp.net': {
            Devices: ['5491155554444.0:0@s.whatsapp.net'],
            PictureID: '',
            Status: '',
          },
        },
      },
      success: true,
    },
  },
  {
    request: 'POST /user/check',
    body: { Phone: ['5491155554445', '5491155550000'] },
    reply: {
      code: 200,
      data: {
        Users: [
          {
            IsInWhatsapp: true,
            JID: '5491155554445@s.whatsapp.net',
            Query: '5491155554445',
            VerifiedName: 'Company Name',
          },
          {
            IsInWhatsapp: false,
            JID: '5491155554444@s.whatsapp.net',
            Query: '5491155554444',
            VerifiedName: '',
          },
        ],
      },
      success: true,
    },
  },
  {
    request: 'GET /user/avatar',
    // Printed with a stray bracket, which no server could read.
    body: { Phone: '$pictured', Preview: true },
    bare: true,
    reply: { URL: 'https://pps.whatsapp.net/v/t61', ID: '1645308319', Type: 'preview', DirectPath: '/v/t61' },
  },
  {
    request: 'GET /user/contacts',
    reply: {
      code: 200,
      // The answer has `success`, which the document leaves out here.
      data: {
        '5491155554444@s.whatsapp.net': {
          BusinessName: '',
          FirstName: '',
          Found: true,
          FullName: '',
          PushName: 'FOP2',
        },
      },
      success: true,
    },
  },
  {
    request: 'POST /chat/send/text',
    body: { Phone: '5491155554444', Body: 'Hellow Meow', Id: '90B2F8B13FAC8A9CF6B06E99C7834DC5' },
    reply: sent,
  },
  {
    request: 'POST /chat/send/text',
    body: {
      Phone: '5491155554444',
      Body: 'Ditto',
      ContextInfo: { StanzaId: 'AA3DSE28UDJES3', Participant: '5491155553935@s.whatsapp.net' },
    },
    reply: sent,
  },
  {
    request: 'POST /chat/send/template',
    body: {
      Phone: '5491155554444',
      Content: 'Template content',
      Footer: 'Some footer text',
      Buttons: [
        { DisplayText: 'Yes', Type: 'quickreply' },
        { DisplayText: 'No', Type: 'quickreply' },
        { DisplayText: 'Visit Site', Type: 'url', Url: 'https://www.fop2.com' },
        { DisplayText: 'Llamame', Type: 'call', PhoneNumber: '1155554444' },
      ],
    },
    reply: sent,
  },
  // The files are printed cut off; these are whole.
  {
    request: 'POST /chat/send/audio',
    body: { Phone: '5491155554444', Audio: 'data:audio/ogg;base64,T2dnUw==' },
    reply: sent,
  },
  {
    request: 'POST /chat/send/image',
    body: { Phone: '5491155554444', Caption: 'Look at this', Image: '$image' },
    reply: sent,
  },
  {
    request: 'POST /chat/send/document',
    body: {
      Phone: '5491155554444',
      FileName: 'hola.txt',
      Document: 'data:application/octet-stream;base64,aG9sYSBxdWUgdGFsCg==',
    },
    reply: sent,
  },
  {
    request: 'POST /chat/send/video',
    body: { Phone: '5491155554444', Caption: 'Look at this', Video: 'data:image/jpeg;base64,iVBORw0KGgo=' },
    reply: sent,
  },
  {
    request: 'POST /chat/send/sticker',
    body: { Phone: '5491155554444', PngThumbnail: 'VBORgoAANSU=', Sticker: '$image' },
    reply: sent,
  },
  {
    request: 'POST /chat/send/location',
    body: { Latitude: 48.85837, Longitude: 2.294481, Phone: '5491155554444', Name: 'Paris' },
    reply: sent,
  },
  {
    request: 'POST /chat/send/contact',
    body: { Phone: '5491155554444', Name: 'Casa', Vcard: vcard },
    reply: sent,
  },
  {
    request: 'POST /chat/presence',
    body: { Phone: '5491155554444', State: 'composing', Media: '' },
    reply: done('Chat presence set successfuly'),
  },
  {
    request: 'POST /chat/markread',
    // Printed with a stray quotation mark.
    body: { Id: ['AABBCCDD112233', 'IIOOPPLL43332'], Chat: '5491155553934.0:1@s.whatsapp.net' },
    reply: done('Message(s) marked as read'),
  },
  {
    request: 'POST /chat/react',
    body: { Phone: '5491155554444', Body: '❤️', Id: 'me:069EDE53E81CB5A4773587FB96CB3ED3' },
    reply: sent,
  },
  download('image'),
  download('video'),
  download('audio'),
  download('document'),
  { request: 'GET /group/list', reply: { code: 200, data: { Groups: [group] }, success: true } },
  {
    request: 'GET /group/invitelink',
    body: { GroupJID: '$group' },
    reply: {
      code: 200,
      data: { InviteLink: 'https://chat.whatsapp.com/HffXhYmzzyJGec61oqMXiz' },
      success: true,
    },
  },
  {
    request: 'GET /group/info',
    body: { GroupJID: '$group' },
    reply: { code: 200, data: group, success: true },
  },
  {
    request: 'POST /group/photo',
    body: { GroupJID: '$group', Image: 'data:image/jpeg;base64,/9j/2Q==' },
    reply: {
      code: 200,
      data: { Details: 'Group Photo set successfully', PictureID: '122233212312' },
      success: true,
    },
  },
  {
    request: 'POST /group/name',
    body: { GroupJID: '$group', Name: 'New Group Name' },
    reply: done('Group Name set successfully'),
  },
  { request: 'POST /session/disconnect', reply: done('Disconnected') },
]
