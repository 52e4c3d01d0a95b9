import type { MessageEvent } from '../../../src/events/event.ts'
import type { XmlNode } from '../../../src/events/event-parts.ts'
import { messageEvents } from '../../../src/whatsapp/inbound/parse/messages.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'

export const ME = { pn: '5511988887777:12@s.whatsapp.net', lid: '222222222222222:12@lid' }
/** 2025-08-21T14:00:00-03:00 */
export const NOW = 1755795600

const bytes = (base64: string) => Buffer.from(base64, 'base64')

interface Scenario {
  /** Attributes of the `<message>` besides those all have. */
  attrs: Record<string, string>
  encAttrs?: Record<string, string>
  meta?: XmlNode[]
  message: { [key: string]: unknown }
}

/** The event that comes out of the stanza and the encoded message of a scenario. */
export function receivedMessage(scenario: Scenario): MessageEvent {
  const encAttrs = { type: 'msg', ...scenario.encAttrs }
  const [event] = messageEvents(
    {
      attrs: { t: String(NOW), ...scenario.attrs },
      meta: scenario.meta ?? [],
      encType: encAttrs.type,
      encAttrs,
      plaintext: proto.Message.encode(proto.Message.fromObject(scenario.message)).finish(),
    },
    ME,
  )
  if (!event) throw new Error('no event came out of the message')
  return event
}

const fromBob = {
  from: '123456789012345@lid',
  sender_pn: '5511999990000@s.whatsapp.net',
  addressing_mode: 'lid',
  notify: 'Bob',
}
const fromBobInGroup = {
  from: '120363041234567890@g.us',
  participant: '123456789012345:3@lid',
  participant_pn: '5511999990000:3@s.whatsapp.net',
  addressing_mode: 'lid',
  notify: 'Bob',
}

const text = {
  conversation: 'Hello <b> & bye',
  messageContextInfo: {
    deviceListMetadata: {
      senderKeyHash: Buffer.from('0123456789'),
      senderTimestamp: 1755000000,
      recipientKeyHash: Buffer.from('abcdefghij'),
      recipientTimestamp: 1755100000,
    },
    deviceListMetadataVersion: 2,
    messageSecret: Buffer.from('01234567890123456789012345678901'),
  },
}
const image = {
  imageMessage: {
    url: 'https://mmg.whatsapp.net/o1/v/t62.7118-24/f1/m231/XXXX?ccb=9-4&oh=01&oe=6&_nc_sid=1&mms3=true',
    mimetype: 'image/jpeg',
    caption: 'Look',
    fileSha256: Buffer.from('12345678901234567890123456789012'),
    fileLength: 245632,
    height: 1280,
    width: 720,
    mediaKey: Buffer.from('abcdefghijklmnopqrstuvwxyz012345'),
    fileEncSha256: Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'),
    directPath: '/o1/v/t62.7118-24/f1/m231/XXXX?ccb=9-4&oh=01&oe=6&_nc_sid=1',
    mediaKeyTimestamp: 1755795590,
    jpegThumbnail: bytes('/9j/4A=='),
    scansSidecar: Buffer.from('side'),
    scanLengths: [10, 20, 30, 40],
  },
}
const file = {
  url: 'https://mmg.whatsapp.net/v/...',
  fileSha256: Buffer.from('1'),
  mediaKey: Buffer.from('2'),
  fileEncSha256: Buffer.from('3'),
  directPath: '/v/...',
  mediaKeyTimestamp: 1755795590,
}
const imageStanza = {
  attrs: { ...fromBob, id: '3EB06F9067F80BAB89FF', type: 'media' },
  encAttrs: { mediatype: 'image' },
}
const editKey = { remoteJid: '123456789012345@lid', fromMe: false, id: '3EB0538DA65A59F6D8A251' }

/** Sample name -> the stanza and message it came from. */
export const messageScenarios: Record<string, Scenario> = {
  text11: { attrs: { ...fromBob, id: '3EB0538DA65A59F6D8A251', type: 'text' }, message: text },
  group: {
    attrs: { ...fromBobInGroup, id: '3A5F0C7D9E1B2A3C4D5E', type: 'text' },
    message: {
      extendedTextMessage: {
        text: '@5511988887777 see this',
        previewType: 0,
        contextInfo: {
          stanzaId: '3EB0AAAA',
          participant: '987654321098765@lid',
          quotedMessage: { conversation: 'original' },
          mentionedJid: ['55555555555555@lid'],
          expiration: 0,
        },
        inviteLinkGroupTypeV2: 0,
      },
    },
  },
  imgb64: { ...imageStanza, message: image },
  'img-s3': { ...imageStanza, message: image },
  'img-both': { ...imageStanza, message: image },
  audio: {
    attrs: { ...fromBob, id: '3EB0A0D10', type: 'media' },
    encAttrs: { mediatype: 'ptt' },
    message: {
      audioMessage: {
        ...file,
        mimetype: 'audio/ogg; codecs=opus',
        fileLength: 12345,
        seconds: 5,
        ptt: true,
        waveform: bytes('AAEC'),
      },
    },
  },
  document: {
    attrs: { ...fromBob, id: '3EB0D0C', type: 'media' },
    encAttrs: { mediatype: 'document' },
    message: {
      documentMessage: {
        ...file,
        mimetype: 'application/pdf',
        title: 'invoice.pdf',
        fileLength: 54321,
        pageCount: 2,
        fileName: 'invoice.pdf',
        contactVcard: false,
        jpegThumbnail: bytes('/9g='),
      },
    },
  },
  video: {
    attrs: { ...fromBob, id: '3EB01DE0', type: 'media' },
    encAttrs: { mediatype: 'video' },
    message: {
      videoMessage: {
        ...file,
        mimetype: 'video/mp4',
        fileLength: 1234567,
        seconds: 12,
        caption: 'clip',
        gifPlayback: false,
        height: 720,
        width: 1280,
        jpegThumbnail: bytes('/9g='),
        streamingSidecar: Buffer.from('s'),
      },
    },
  },
  sticker: {
    attrs: { ...fromBob, id: '3EB057CC', type: 'media' },
    encAttrs: { mediatype: 'sticker' },
    message: {
      stickerMessage: {
        ...file,
        mimetype: 'image/webp',
        height: 64,
        width: 64,
        fileLength: 9876,
        isAnimated: false,
        stickerSentTs: 1755795590123,
        isAvatar: false,
        isAiSticker: false,
        isLottie: false,
      },
    },
  },
  location: {
    attrs: { ...fromBob, id: '3EB010CA', type: 'media' },
    encAttrs: { mediatype: 'location' },
    message: {
      locationMessage: {
        degreesLatitude: -23.55052,
        degreesLongitude: -46.633308,
        name: 'Praça da Sé',
        address: 'São Paulo',
        jpegThumbnail: bytes('/9g='),
      },
    },
  },
  livelocation: {
    attrs: { ...fromBob, id: '3EB011FE', type: 'media' },
    encAttrs: { mediatype: 'livelocation' },
    message: {
      liveLocationMessage: {
        degreesLatitude: -23.55052,
        degreesLongitude: -46.633308,
        accuracyInMeters: 12,
        speedInMps: 0.5,
        sequenceNumber: 1755795590001,
      },
    },
  },
  contact: {
    attrs: { ...fromBob, id: '3EB0C0A7', type: 'media' },
    encAttrs: { mediatype: 'vcard' },
    message: {
      contactMessage: {
        displayName: 'Ana',
        vcard:
          'BEGIN:VCARD\nVERSION:3.0\nN:;Ana;;;\nFN:Ana\nTEL;type=CELL;waid=5511977776666:+55 11 97777-6666\nEND:VCARD',
      },
    },
  },
  contacts: {
    attrs: { ...fromBob, id: '3EB0C0A8', type: 'media' },
    encAttrs: { mediatype: 'contact_array' },
    message: {
      contactsArrayMessage: {
        displayName: '2 contacts',
        contacts: [{ displayName: 'Ana', vcard: 'BEGIN:VCARD...' }],
      },
    },
  },
  reaction: {
    attrs: { ...fromBob, id: '3EB0AEAC', type: 'reaction' },
    message: {
      reactionMessage: {
        key: { ...editKey, fromMe: true },
        text: '👍',
        senderTimestampMs: 1755795600123,
      },
    },
  },
  reactionremoved: {
    attrs: { ...fromBob, id: '3EB0AEAD', type: 'reaction' },
    message: {
      reactionMessage: { key: { ...editKey, fromMe: true }, text: '', senderTimestampMs: 1755795600123 },
    },
  },
  poll: {
    attrs: { ...fromBob, id: '3EB0A011', type: 'poll' },
    message: {
      messageContextInfo: { messageSecret: Buffer.from('01234567890123456789012345678901') },
      pollCreationMessageV3: {
        name: 'Lunch?',
        options: [{ optionName: 'Pizza' }, { optionName: 'Sushi' }],
        selectableOptionsCount: 1,
      },
    },
  },
  pollvote: {
    attrs: { ...fromBob, id: '3EB0VOTE', type: 'poll' },
    message: {
      pollUpdateMessage: {
        pollCreationMessageKey: { remoteJid: '123456789012345@lid', fromMe: true, id: '3EB0POLL' },
        vote: { encPayload: Buffer.from('payload'), encIv: Buffer.from('iv0123456789') },
        senderTimestampMs: 1755795600456,
      },
    },
  },
  edit: {
    attrs: { ...fromBob, id: '3EB0EDIT', type: 'text', edit: '1' },
    message: {
      editedMessage: {
        message: {
          protocolMessage: {
            key: editKey,
            type: 14,
            editedMessage: { conversation: 'Hello (edited)' },
            timestampMs: 1755795660000,
          },
        },
      },
    },
  },
  revoke: {
    attrs: { ...fromBob, id: '3EB0REVOKE', type: 'text', edit: '7' },
    message: { protocolMessage: { key: editKey, type: 0 } },
  },
  'revoke-admin': {
    attrs: { ...fromBobInGroup, id: '3EB0ADMREV', type: 'text', edit: '8' },
    message: {
      protocolMessage: {
        key: {
          remoteJid: '120363041234567890@g.us',
          fromMe: false,
          id: '3A5F0C7D9E1B2A3C4D5E',
          participant: '987654321098765@lid',
        },
        type: 0,
      },
    },
  },
  own: {
    attrs: {
      from: ME.pn,
      recipient: '123456789012345@lid',
      peer_recipient_pn: '5511999990000@s.whatsapp.net',
      notify: 'Me',
      id: '3A00OWN',
      type: 'text',
    },
    message: {
      deviceSentMessage: {
        destinationJid: '123456789012345@lid',
        message: { conversation: 'sent from my phone' },
      },
    },
  },
  buttonsresp: {
    attrs: { ...fromBob, id: '3EB0B001', type: 'media' },
    encAttrs: { mediatype: 'buttons_response' },
    message: {
      buttonsResponseMessage: { selectedDisplayText: 'Yes', selectedButtonId: 'id1', type: 1 },
    },
  },
  'buttonsresp-nil': {
    attrs: { ...fromBob, id: '3EB0B002', type: 'media' },
    encAttrs: { mediatype: 'buttons_response' },
    message: { buttonsResponseMessage: { selectedButtonId: 'id1' } },
  },
  listresp: {
    attrs: { ...fromBob, id: '3EB0B003', type: 'media' },
    encAttrs: { mediatype: 'list_response' },
    message: {
      listResponseMessage: {
        title: 'Row 1',
        listType: 1,
        singleSelectReply: { selectedRowId: 'row1' },
        description: 'd',
      },
    },
  },
  nativeflow: {
    attrs: { ...fromBob, id: '3EB0B004', type: 'media' },
    encAttrs: { mediatype: 'native_flow_response' },
    message: {
      interactiveResponseMessage: {
        nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"x"}', version: 1 },
        body: { text: 'Yes' },
      },
    },
  },
  template: {
    attrs: { ...fromBob, id: '3EB0B005', type: 'text' },
    message: { templateMessage: { templateId: '1' } },
  },
  viewonce: {
    attrs: { ...fromBob, id: '3EB0V1E0', type: 'media' },
    encAttrs: { mediatype: 'image' },
    message: { viewOnceMessageV2: { message: image } },
  },
  ephemeral: {
    attrs: { ...fromBob, id: '3EB0E9E1', type: 'text' },
    message: { ephemeralMessage: { message: text } },
  },
  newslettermessage: {
    attrs: { from: '120363144038483540@newsletter', id: '3EB0NL', server_id: '101', type: 'text' },
    encAttrs: { type: 'plaintext' },
    meta: [{ tag: 'meta', attrs: { original_msg_t: String(NOW) }, content: null }],
    message: { conversation: 'channel post' },
  },
  status: {
    attrs: {
      from: 'status@broadcast',
      participant: '123456789012345@lid',
      participant_pn: '5511999990000@s.whatsapp.net',
      addressing_mode: 'lid',
      notify: 'Bob',
      id: '3EB057A7',
      type: 'media',
    },
    encAttrs: { mediatype: 'image' },
    message: image,
  },
}
