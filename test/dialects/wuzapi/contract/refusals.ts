/** A refused request: what is sent (a body, or the query of a GET), the sentence of profile `current`, and more. */
type Refusal = [sent: unknown, sentence: string, more?: { status?: number; reference?: string }]

export interface RouteRefusals {
  route: string
  /** `name:kind` of every field of the body; s text, t texts, b bool, i integer, n number, o object, l list, x base64. */
  fields?: string
  /** Where it differs from `could not decode Payload`. */
  undecodable?: 'could not decode payload'
  /** In the order of the checks: each request also breaks all later ones where the contract lets it. */
  refusals?: Refusal[]
}

const PAYLOAD = 'could not decode payload'
const BAD_PHONE = 'a.b.c@s.whatsapp.net'
const QUOTING = 'ContextInfo:o QuotedMessage:o Id:s'
const phone = '447900000901'
const group = '120363000000000999@g.us'

const noPhone: Refusal[] = [[{}, 'missing Phone in Payload']]
/** What every send endpoint refuses once its own fields are there. */
const recipient = (rest: object): Refusal[] => [
  [{ ...rest, Phone: BAD_PHONE, ContextInfo: { StanzaId: 'A' } }, 'could not parse Phone'],
  [{ ...rest, Phone: '   ' }, 'Phone is empty'],
  [{ ...rest, Phone: phone, ContextInfo: { StanzaID: 'A' } }, 'missing Participant in ContextInfo'],
  [
    { ...rest, Phone: phone, ContextInfo: { Participant: 'x' } },
    'missing StanzaID in ContextInfo',
    { reference: 'Missing StanzaId in ContextInfo' },
  ],
]
const inGroup = (...refusals: Refusal[]): Refusal[] => [
  [{}, 'could not parse Group JID'],
  [{ GroupJID: 'a.b.c@g.us' }, 'could not parse Group JID'],
  ...refusals,
]
const channel: Refusal[] = [
  [{}, 'could not parse NewsletterJID'],
  [{ NewsletterJID: group }, 'could not parse NewsletterJID'],
]
const download = 'Url:s DirectPath:s MediaKey:x Mimetype:s FileEncSHA256:x FileSHA256:x FileLength:i'
const unreachable = (kind: string): Refusal[] => [[{}, `failed to download ${kind} `, { status: 500 }]]
const block: RouteRefusals = {
  route: '',
  fields: 'Phone:s JID:s',
  refusals: [
    [{ Phone: ' ' }, 'missing Phone or JID in Payload'],
    [{ JID: 'a.b.c@lid' }, 'could not parse Phone or JID'],
  ],
}
// The document names the group in a body, which GET does not have here.
const bodyInstead = { reference: 'Could not decode Payload' }
const days = 'days_to_sync_history must be between 0 and 365'

/** Every route of a user's token, in the order of the contract; a live session is open for it. */
export const refusals: RouteRefusals[] = [
  {
    route: 'POST /session/connect',
    fields: 'Subscribe:t Immediate:b',
    refusals: [[{}, 'already connected', { status: 409, reference: 'Already Connected' }]],
  },
  {
    route: 'GET /session/qr',
    refusals: [['', 'already logged in', { status: 500, reference: 'Already Loggedin' }]],
  },
  {
    route: 'POST /session/pairphone',
    fields: 'Phone:s',
    refusals: [
      [{}, 'missing Phone in Payload'],
      [{ Phone: phone }, 'already paired'],
    ],
  },
  { route: 'POST /session/passkey-response', refusals: [['{', 'no pending passkey request']] },
  { route: 'POST /session/passkey-confirm', refusals: [['', 'no pending passkey confirmation']] },
  {
    route: 'POST /session/proxy',
    refusals: [['{', 'cannot set proxy while connected. Please disconnect first']],
  },
  {
    route: 'POST /session/history',
    fields: 'history:i days_to_sync_history:i',
    undecodable: PAYLOAD,
    refusals: [
      [{}, 'provide history or days_to_sync_history'],
      [{ history: -1, days_to_sync_history: 999 }, 'history cannot be negative'],
      [{ days_to_sync_history: 366 }, days, { reference: days }],
      [{ days_to_sync_history: -1 }, days, { reference: days }],
    ],
  },
  {
    route: 'POST /session/s3/config',
    fields:
      'enabled:b endpoint:s region:s bucket:s access_key:s secret_key:s path_style:b public_url:s media_delivery:s retention_days:i',
    undecodable: PAYLOAD,
    refusals: [
      [
        { media_delivery: 'both ' },
        "media_delivery must be 'base64', 's3', or 'both'",
        { reference: "media_delivery must be 'base64', 's3', or 'both'" },
      ],
    ],
  },
  { route: 'POST /session/s3/test', refusals: [['', 'S3 is not enabled for this user']] },
  {
    route: 'POST /session/hmac/config',
    fields: 'hmac_key:s',
    undecodable: PAYLOAD,
    refusals: [
      [{}, 'HMAC key must be at least 32 characters long'],
      [{ hmac_key: 'x'.repeat(31) }, 'HMAC key must be at least 32 characters long'],
    ],
  },
  { route: 'POST /webhook', fields: 'webhookurl:s events:t', undecodable: PAYLOAD },
  { route: 'PUT /webhook', fields: 'webhook:s events:t active:b', undecodable: PAYLOAD },

  {
    route: 'POST /chat/send/text',
    fields: `Phone:s Body:s LinkPreview:b QuotedText:s ${QUOTING}`,
    refusals: [...noPhone, [{ Phone: BAD_PHONE }, 'missing Body in Payload'], ...recipient({ Body: 'x' })],
  },
  {
    route: 'POST /chat/send/image',
    fields: `Phone:s Image:s Caption:s MimeType:s ${QUOTING}`,
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing Image in Payload'],
      ...recipient({ Image: 'x' }),
      [{ Phone: phone, Image: 'x' }, 'Image data should start with "data:image/png;base64,"'],
      [
        { Phone: phone, Image: 'data:image/png;base64,%%' },
        'could not decode base64 encoded data from payload',
      ],
      [{ Phone: phone, Image: 'http://127.0.0.1:1/a.png' }, 'failed to fetch image from url: '],
    ],
  },
  {
    route: 'POST /chat/send/audio',
    fields: `Phone:s Audio:s Caption:s ptt:b mimetype:s Seconds:i Waveform:x ${QUOTING}`,
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing Audio in Payload'],
      ...recipient({ Audio: 'x' }),
      [
        { Phone: phone, Audio: 'data:text/plain,x' },
        'audio must be base64 (data:audio/) or valid HTTP URL',
        { reference: 'Audio data should start with "data:audio/ogg;base64,"' },
      ],
      [
        { Phone: phone, Audio: 'data:audio/ogg;base64,%%' },
        'could not decode base64 encoded data',
        { reference: 'Could not decode base64 encoded data from payload' },
      ],
      [{ Phone: phone, Audio: 'http://127.0.0.1:1/a.ogg' }, 'failed to fetch audio: '],
    ],
  },
  {
    route: 'POST /chat/send/document',
    fields: `Phone:s Document:s FileName:s Caption:s MimeType:s ${QUOTING}`,
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing Document in Payload'],
      [{ Phone: BAD_PHONE, Document: 'x' }, 'missing FileName in Payload'],
      ...recipient({ Document: 'x', FileName: 'a' }),
      [
        { Phone: phone, Document: 'x', FileName: 'a' },
        'document data should start with "data:" or be a valid HTTP URL',
        { reference: 'Document data should start with "data:application/octet-stream;base64,"' },
      ],
      [
        { Phone: phone, Document: 'data:a/b;base64,%%', FileName: 'a' },
        'could not decode base64 encoded data from payload',
      ],
      [
        { Phone: phone, Document: 'http://127.0.0.1:1/a.pdf', FileName: 'a' },
        'failed to fetch document from url: ',
      ],
    ],
  },
  {
    route: 'POST /chat/send/video',
    fields: `Phone:s Video:s Caption:s JPEGThumbnail:x MimeType:s ${QUOTING}`,
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing Video in Payload'],
      ...recipient({ Video: 'x' }),
      [{ Phone: phone, Video: 'x' }, 'data should start with "data:mime/type;base64,"'],
      [
        { Phone: phone, Video: 'data:video/mp4;base64,%%' },
        'could not decode base64 encoded data from payload',
      ],
      [{ Phone: phone, Video: 'http://127.0.0.1:1/a.mp4' }, 'failed to fetch video from url: '],
    ],
  },
  {
    route: 'POST /chat/send/sticker',
    fields: `Phone:s Sticker:s PngThumbnail:x MimeType:s PackId:s PackName:s PackPublisher:s Emojis:t ${QUOTING}`,
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing Sticker in Payload'],
      ...recipient({ Sticker: 'x' }),
      [{ Phone: phone, Sticker: 'x' }, 'data should start with "data:mime/type;base64,"'],
      [
        { Phone: phone, Sticker: 'data:image/webp;base64,%%' },
        'could not decode base64 encoded data from payload',
      ],
      [{ Phone: phone, Sticker: 'http://127.0.0.1:1/a.webp' }, 'failed to fetch sticker from url: '],
    ],
  },
  {
    route: 'POST /chat/send/location',
    fields: `Phone:s Name:s Latitude:n Longitude:n ${QUOTING}`,
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE, Latitude: 0 }, 'missing Latitude in Payload'],
      [{ Phone: BAD_PHONE, Latitude: 1, Longitude: 0 }, 'missing Longitude in Payload'],
      ...recipient({ Latitude: 1, Longitude: 1 }),
    ],
  },
  {
    route: 'POST /chat/send/contact',
    fields: `Phone:s Name:s Vcard:s ${QUOTING}`,
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing Name in Payload'],
      [{ Phone: BAD_PHONE, Name: 'x' }, 'missing Vcard in Payload'],
      ...recipient({ Name: 'x', Vcard: 'y' }),
    ],
  },
  {
    route: 'POST /chat/send/buttons',
    fields: `Phone:s Body:s text:s Title:s Footer:s Image:s Buttons:l ${QUOTING}`,
    refusals: [
      [{}, 'missing Phone, Body or Buttons'],
      [{ Phone: BAD_PHONE, Buttons: [{ title: 'a' }] }, 'missing Phone, Body or Buttons'],
      [{ Phone: BAD_PHONE, Body: 'x', Buttons: [] }, 'missing Phone, Body or Buttons'],
      [{ Phone: BAD_PHONE, Body: 'x', Buttons: [{ title: ' ' }] }, 'no valid buttons parsed'],
      ...recipient({ Body: 'x', Buttons: [{ title: 'a' }] }),
    ],
  },
  {
    route: 'POST /chat/send/list',
    fields: `Phone:s ButtonText:s Desc:s TopText:s FooterText:s Sections:l List:l ${QUOTING}`,
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing Desc/Body in Payload'],
      [{ Phone: BAD_PHONE, Desc: 'x' }, 'missing Sections (or List) in Payload'],
      [
        { Phone: BAD_PHONE, Desc: 'x', Sections: [{ title: 'a', rows: [{ title: '' }] }] },
        'no valid sections/rows found in Payload',
      ],
      ...recipient({ Desc: 'x', List: [{ title: 'a' }] }),
    ],
  },
  {
    route: 'POST /chat/send/poll',
    fields: 'group:s header:s options:t Id:s',
    undecodable: PAYLOAD,
    refusals: [
      [{}, 'missing Grouop in payload'],
      [{ group: BAD_PHONE }, 'missing Header in payload'],
      [{ group: BAD_PHONE, header: 'x', options: ['a'] }, 'at least 2 options are required'],
      [{ group: BAD_PHONE, header: 'x', options: ['a', 'b'] }, 'could not parse Phone'],
    ],
  },
  {
    route: 'POST /chat/send/edit',
    fields: 'Phone:s Body:s Id:s ContextInfo:o',
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing Body in Payload'],
      ...recipient({ Body: 'x' }),
      [{ Phone: phone, Body: 'x' }, 'missing Id in Payload'],
    ],
  },
  {
    route: 'POST /chat/delete',
    fields: 'Phone:s Id:s SenderJID:s',
    undecodable: PAYLOAD,
    refusals: [
      [{}, 'missing Phone in payload'],
      [{ Phone: BAD_PHONE }, 'missing Id in payload'],
      [{ Phone: BAD_PHONE, Id: 'A', SenderJID: 'x' }, 'could not parse Phone'],
      [
        { Phone: phone, Id: 'A', SenderJID: 'x' },
        'invalid SenderJID: expected a complete numeric user JID ending in @s.whatsapp.net or @lid',
      ],
      [
        { Phone: phone, Id: 'A', SenderJID: `${phone}@s.whatsapp.net` },
        'SenderJID for another user is only supported in group chats',
      ],
    ],
  },
  {
    route: 'POST /chat/react',
    fields: 'Phone:s Body:s Id:s Participant:s',
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing Body in Payload'],
      [{ Phone: BAD_PHONE, Body: 'x' }, 'could not parse Group JID'],
      [{ Phone: phone, Body: 'x' }, 'missing Id in Payload'],
    ],
  },
  {
    route: 'POST /chat/pin',
    fields: 'Chat:s Sender:s Id:s DurationSeconds:i Pin:b',
    undecodable: PAYLOAD,
    refusals: [
      [{}, 'missing Chat in payload'],
      [{ Chat: BAD_PHONE }, 'missing Id in payload'],
      [{ Chat: BAD_PHONE, Id: 'A', Sender: BAD_PHONE }, 'invalid Chat JID'],
      [{ Chat: group, Id: 'A', Sender: BAD_PHONE, DurationSeconds: 1 }, 'invalid Sender JID'],
      [{ Chat: group, Id: 'A', DurationSeconds: 1 }, 'missing Sender in payload for group chat'],
      [
        { Chat: phone, Id: 'A', DurationSeconds: 1 },
        'invalid DurationSeconds, must be one of 86400, 604800, 2592000',
      ],
    ],
  },
  {
    route: 'POST /chat/presence',
    fields: 'Phone:s State:s Media:s',
    refusals: [
      ...noPhone,
      [{ Phone: BAD_PHONE }, 'missing State in Payload'],
      [{ Phone: BAD_PHONE, State: 'composing' }, 'could not parse Phone'],
    ],
  },
  {
    route: 'POST /chat/markread',
    fields: 'Id:t ChatPhone:s SenderPhone:s Chat:s Sender:s',
    refusals: [
      [{ ChatPhone: BAD_PHONE, SenderPhone: BAD_PHONE }, 'could not parse ChatPhone'],
      [{ SenderPhone: BAD_PHONE }, 'missing ChatPhone in Payload', { reference: 'Missing Chat in Payload' }],
      [{ ChatPhone: phone, SenderPhone: BAD_PHONE }, 'could not parse SenderPhone'],
      [{ ChatPhone: phone }, 'missing Id in Payload'],
    ],
  },
  {
    route: 'POST /chat/archive',
    fields: 'jid:s archive:b',
    refusals: [
      [{}, 'missing jid in Payload'],
      [{ jid: 'a.b.c@g.us' }, 'invalid Chat JID format'],
    ],
  },
  {
    route: 'POST /chat/request-unavailable-message',
    fields: 'chat:s sender:s id:s',
    refusals: [
      [{}, 'missing Chat in Payload'],
      [{ chat: BAD_PHONE }, 'missing Sender in Payload'],
      [{ chat: BAD_PHONE, sender: BAD_PHONE }, 'missing ID in Payload'],
      [{ chat: BAD_PHONE, sender: BAD_PHONE, id: 'A' }, 'invalid Chat JID format'],
      [{ chat: group, sender: BAD_PHONE, id: 'A' }, 'invalid Sender JID format'],
    ],
  },
  {
    route: 'GET /chat/history',
    refusals: [['', 'message history is disabled for this user', { status: 501 }]],
  },
  { route: 'POST /chat/downloadimage', fields: download, refusals: unreachable('image') },
  { route: 'POST /chat/downloadvideo', fields: download, refusals: unreachable('video') },
  { route: 'POST /chat/downloadaudio', fields: download, refusals: unreachable('audio') },
  { route: 'POST /chat/downloaddocument', fields: download, refusals: unreachable('document') },
  { route: 'POST /chat/downloadsticker', fields: download, refusals: unreachable('sticker') },

  { route: 'POST /user/info', fields: 'Phone:t', refusals: noPhone },
  { route: 'POST /user/check', fields: 'Phone:t', refusals: noPhone },
  {
    route: 'POST /user/avatar',
    fields: 'Phone:s Preview:b',
    refusals: [...noPhone, [{ Phone: BAD_PHONE }, 'could not parse Phone']],
  },
  {
    route: 'POST /user/presence',
    fields: 'type:s',
    refusals: [[{ type: 'x' }, "invalid presence type. Allowed values: 'available', 'unavailable'"]],
  },
  {
    route: 'POST /user/presence/subscribe',
    fields: 'Phone:s',
    refusals: [...noPhone, [{ Phone: BAD_PHONE }, 'could not parse Phone']],
  },
  { ...block, route: 'POST /user/block' },
  { ...block, route: 'POST /user/unblock' },
  { route: 'GET /user/lid/a.b.c@lid', refusals: [['', 'invalid jid format']] },
  {
    route: 'GET /user/lid/5491155550000',
    refusals: [['', 'LID not found for this number', { status: 404 }]],
  },
  {
    route: 'POST /user/privacy',
    fields: 'Name:s Value:s',
    refusals: [
      [{ Name: 'x', Value: 'y' }, 'invalid privacy setting name "x"'],
      [{ Name: 'online', Value: 'none' }, 'invalid value "none" for privacy setting "online"'],
    ],
  },
  { route: 'POST /status/set/text', fields: 'Body:s', refusals: [[{}, 'missing Body in Payload']] },
  {
    route: 'POST /call/reject',
    fields: 'call_from:s call_id:s',
    refusals: [
      [{}, 'missing call_from in Payload'],
      [{ call_from: BAD_PHONE }, 'missing call_id in Payload'],
      [{ call_from: BAD_PHONE, call_id: 'x' }, 'could not parse call_from'],
    ],
  },

  {
    route: 'GET /group/info',
    refusals: [
      ['', 'missing groupJID parameter', bodyInstead],
      ['?groupJID=a.b.c@g.us', 'could not parse Group JID'],
    ],
  },
  {
    route: 'GET /group/invitelink',
    refusals: [
      ['?reset=x', 'missing groupJID parameter', bodyInstead],
      ['?groupJID=a.b.c@g.us&reset=x', 'invalid reset parameter, must be true or false'],
      ['?groupJID=a.b.c@g.us', 'could not parse Group JID'],
    ],
  },
  {
    route: 'GET /group/requestparticipants',
    refusals: [
      ['', 'missing groupJID parameter'],
      ['?groupJID=a.b.c@g.us', 'could not parse Group JID'],
    ],
  },
  {
    route: 'POST /group/create',
    fields: 'name:s participants:t',
    refusals: [
      [{}, 'missing Name in Payload'],
      [{ name: 'x', participants: [] }, 'missing Participants in Payload'],
      [{ name: 'x', participants: [BAD_PHONE] }, 'could not parse Participant Phone'],
    ],
  },
  {
    route: 'POST /group/photo',
    fields: 'GroupJID:s Image:s',
    refusals: inGroup(
      [{ GroupJID: group }, 'missing Image in Payload'],
      [
        { GroupJID: group, Image: 'data:text/plain;base64,eA==' },
        'image data should start with "data:image/" (supported formats: jpeg, png, gif, webp)',
        { reference: 'Image data should start with "data:image/jpeg;base64,"' },
      ],
      [
        { GroupJID: group, Image: 'data:image/jpeg;base64,%%' },
        'could not decode base64 encoded data from payload',
      ],
      [{ GroupJID: group, Image: 'data:image/jpeg;base64,' }, 'no image data found in payload'],
      [
        { GroupJID: group, Image: 'data:image/png;base64,iVBORw0KGgo=' },
        'image must be in JPEG format. WhatsApp only accepts JPEG images for group photos',
      ],
    ),
  },
  { route: 'POST /group/photo/remove', fields: 'groupjid:s', refusals: inGroup() },
  { route: 'POST /group/leave', fields: 'GroupJID:s', refusals: inGroup() },
  {
    route: 'POST /group/name',
    fields: 'GroupJID:s Name:s',
    refusals: inGroup([{ GroupJID: group }, 'missing Name in Payload']),
  },
  {
    route: 'POST /group/topic',
    fields: 'GroupJID:s Topic:s',
    refusals: inGroup([{ GroupJID: group }, 'missing Topic in Payload']),
  },
  { route: 'POST /group/announce', fields: 'GroupJID:s Announce:b', refusals: inGroup() },
  { route: 'POST /group/locked', fields: 'groupjid:s locked:b', refusals: inGroup() },
  {
    route: 'POST /group/ephemeral',
    fields: 'groupjid:s duration:s',
    refusals: inGroup(
      [{ GroupJID: group }, 'missing Duration in Payload'],
      [{ GroupJID: group, duration: '1h' }, 'invalid duration. Use: 24h, 7d, 90d, or off'],
    ),
  },
  { route: 'POST /group/join', fields: 'Code:s', refusals: [[{}, 'missing Code in Payload']] },
  { route: 'POST /group/inviteinfo', fields: 'Code:s', refusals: [[{}, 'missing Code in Payload']] },
  {
    route: 'POST /group/updateparticipants',
    fields: 'GroupJID:s Phone:t Action:s',
    refusals: inGroup(
      [{ GroupJID: group }, 'missing Phone in Payload'],
      [{ GroupJID: group, Phone: [BAD_PHONE] }, 'could not parse Phone'],
      [{ GroupJID: group, Phone: [phone] }, 'missing Action in Payload'],
      [{ GroupJID: group, Phone: [phone], Action: 'x' }, 'invalid Action in Payload'],
    ),
  },
  {
    route: 'POST /group/updaterequestparticipants',
    fields: 'GroupJID:s Phone:t Action:s',
    refusals: inGroup(
      [{ GroupJID: group }, 'missing Phone in Payload'],
      [{ GroupJID: group, Phone: [BAD_PHONE] }, 'could not parse Phone'],
      [{ GroupJID: group, Phone: [phone] }, 'missing Action in Payload'],
      [
        { GroupJID: group, Phone: [phone], Action: 'add' },
        'invalid Action in Payload (must be approve or reject)',
      ],
    ),
  },
  { route: 'POST /group/joinapprovalmode', fields: 'groupjid:s mode:b', refusals: inGroup() },
  { route: 'POST /newsletter/join', fields: 'NewsletterJID:s', refusals: channel },
  { route: 'POST /newsletter/leave', fields: 'NewsletterJID:s', refusals: channel },
  { route: 'POST /newsletter/mute', fields: 'NewsletterJID:s Mute:b', refusals: channel },
]
