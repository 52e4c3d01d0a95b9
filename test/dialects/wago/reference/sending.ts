import { failure } from '../wago.ts'
import { type Example, sent } from './example.ts'

/** The chapter on sending messages. */
export const sendingExamples: Example[] = [
  {
    request: 'POST /send/text',
    body: { Phone: '987654321', Body: 'How you doing?', Id: 'ABCDABCD1234', ContextInfo: {} },
    reply: sent,
  },
  {
    request: 'POST /send/image',
    body: {
      Phone: '987654321',
      Image: 'data:image/jpeg;base64,iVBORw0',
      Caption: 'Image Description',
      Id: 'ABCDABCD1234',
      ContextInfo: {},
    },
    reply: sent,
    differs: {
      why: 'The file is printed cut off and is not base64.',
      status: 400,
      reply: failure(400, 'could not decode base64 encoded data from payload'),
    },
  },
  // The picture is printed cut off; this one is whole.
  {
    request: 'POST /send/image',
    body: {
      Phone: '987654321',
      Image: '$image',
      Caption: 'Image Description',
      Id: 'ABCDABCD1234',
      ContextInfo: {},
    },
    reply: sent,
  },
  {
    request: 'POST /send/audio',
    body: {
      Phone: '987654321',
      Audio: 'data:audio/ogg;base64,iVBORw0a',
      Ptt: true,
      Duration: 10,
      Id: 'ABCDABCD1234',
      ContextInfo: {},
    },
    reply: sent,
  },
  // The sound is printed cut off; this one is whole.
  {
    request: 'POST /send/audio',
    body: {
      Phone: '987654321',
      Audio: '$audio',
      Ptt: true,
      Duration: 10,
      Id: 'ABCDABCD1234',
      ContextInfo: {},
    },
    reply: sent,
  },
  {
    request: 'POST /send/poll',
    body: {
      Phone: '987654321',
      Question: 'What is the color of the sky?',
      MaxAnswer: 1,
      Options: ['red', 'blue', 'yellow'],
      ContextInfo: {},
    },
    reply: sent,
  },
  {
    request: 'POST /send/document',
    body: {
      Phone: '987654321',
      Document: 'data:application/octet-stream;base64,aG9sYSBxdWUKdGFsCmNvbW8KXMK',
      FileName: 'file.txt',
      Caption: 'my file',
      Mimetype: 'text/plain',
      Id: 'ABCDABCD1234',
      ContextInfo: {},
    },
    reply: sent,
    differs: {
      why: 'The file is printed cut off and is not base64.',
      status: 400,
      reply: failure(400, 'could not decode base64 encoded data from payload'),
    },
  },
  // The file is printed cut off; this one is whole.
  {
    request: 'POST /send/document',
    body: {
      Phone: '987654321',
      Document: 'data:application/octet-stream;base64,aG9sYSBxdWUKdGFsCmNvbW8KXMKg',
      FileName: 'file.txt',
      Caption: 'my file',
      Mimetype: 'text/plain',
      Id: 'ABCDABCD1234',
      ContextInfo: {},
    },
    reply: sent,
  },
  {
    request: 'POST /send/template',
    body: {
      Phone: '987654321',
      Title: 'Message title',
      Content: 'Message content',
      Footer: 'Text footer',
      Buttons: [
        { DisplayText: 'tap to copy', Type: 'copy', Id: 'hello 👋' },
        { DisplayText: 'Visit Site', Type: 'url', Url: 'https://www.google.com' },
        { DisplayText: 'Callme', Type: 'call', PhoneNumber: '123811298' },
      ],
    },
    reply: sent,
  },
  {
    request: 'POST /send/video',
    body: {
      Phone: '987654321',
      Video: 'data:video/mp4;base64,s8s77s',
      Caption: 'my video',
      Id: 'ABCDABCD1234',
      JpegThumbnail: 'AA00D010',
      ContextInfo: {},
    },
    reply: sent,
    differs: {
      why: 'The file is printed cut off and is not base64.',
      status: 400,
      reply: failure(400, 'could not decode base64 encoded data from payload'),
    },
  },
  // The film is printed cut off; this one is whole.
  {
    request: 'POST /send/video',
    body: {
      Phone: '987654321',
      Video: '$video',
      Caption: 'my video',
      Id: 'ABCDABCD1234',
      JpegThumbnail: 'AA00D010',
      ContextInfo: {},
    },
    reply: sent,
  },
  {
    request: 'POST /send/sticker',
    body: {
      Phone: '987654321',
      Sticker: 'data:image/webp;base64,iVBOR787s7sw0',
      Id: 'ABCDABCD1234',
      PngThumbnail: 'AA00D010',
      ContextInfo: {},
    },
    reply: sent,
    differs: {
      why: 'The file is printed cut off and is not base64.',
      status: 400,
      reply: failure(400, 'could not decode base64 encoded data from payload'),
    },
  },
  // The picture is printed cut off; this one is whole.
  {
    request: 'POST /send/sticker',
    body: {
      Phone: '987654321',
      Sticker: '$image',
      Id: 'ABCDABCD1234',
      PngThumbnail: 'AA00D010',
      ContextInfo: {},
    },
    reply: sent,
  },
  {
    request: 'POST /send/location',
    body: {
      Phone: '987654321',
      Name: 'Party',
      Id: 'ABCDABCD1234',
      Latitude: 48.85837,
      Longitude: 2.294481,
      ContextInfo: {},
    },
    reply: sent,
  },
  {
    request: 'POST /send/contact',
    body: {
      Phone: '987654321',
      Id: 'ABCDABCD1234',
      Vcard: { FullName: 'Salman', Phone: '7927839289', Organization: 'John Doe' },
      ContextInfo: {},
    },
    reply: sent,
  },
  {
    request: 'POST /send/buttons',
    body: {
      Phone: '123456789',
      Title: 'testing buttons',
      Content: 'this is content aka body',
      Footer: 'this footer is optional',
      Buttons: [
        { id: 'btn1', text: 'button 1' },
        { id: 'btn2', text: 'button 2' },
      ],
    },
    reply: sent,
  },
  // The document prints a placeholder for the picture.
  {
    request: 'POST /send/mediabutton',
    body: {
      Phone: '123456789',
      Content: 'Message title',
      Footer: 'Footer text (optional)',
      Title: 'Optional header text',
      Filename: 'file.pdf',
      MessageId: 'custom-message-id-123',
      Buttons: [],
      Type: 'image',
      Media: '$image',
    },
    reply: sent,
    differs: {
      why: 'phones hide such a message when it has no button',
      status: 400,
      reply: failure(400, 'missing Buttons in payload'),
    },
  },
  // The address is one of this test.
  {
    request: 'POST /send/mediaurl',
    body: {
      Jid: '123456789',
      Url: '$address',
      Type: 'image',
      Duration: 10,
      Caption: 'this is caption',
      Filename: '',
    },
    reply: sent,
  },
  {
    request: 'POST /send/list',
    body: {
      Phone: '123456789',
      ButtonText: 'Click Here',
      Desc: 'This is a list',
      TopText: 'This is a list',
      List: [
        { title: 'menu button 1', desc: 'long description ', RowId: '1' },
        { title: 'menu button 2', desc: 'very good description ', RowId: '2' },
      ],
    },
    reply: sent,
  },
  // The picture is printed cut off; this one is whole.
  {
    request: 'POST /send/preview',
    body: {
      Phone: '123456789',
      Text: 'This is a test message with a link preview https://google.com',
      MatchedURL: 'https://google.com',
      Title: 'Title of the preview message',
      Description: 'Description of the preview message',
      Image: '$image',
    },
    reply: sent,
  },
  // The picture is printed cut off; this one is whole.
  {
    request: 'POST /send/preview2',
    body: {
      Phone: '123456789',
      Text: 'This is a test message with a link preview https://google.com',
      MatchedURL: 'https://google.com',
      Title: 'Title of the preview message',
      Description: 'Description of the preview message',
      Image: '$image',
    },
    reply: sent,
  },
  {
    request: 'POST /send/groupinvite',
    body: {
      Phone: '987654321',
      Text: 'Open this link to join my WhatsApp Group: https://chat.whatsapp.com/LrOCfCEyd3',
      MatchedText: 'https://chat.whatsapp.com/LrOCfCEyd3',
      Title: 'my group',
    },
    reply: sent,
  },
  {
    request: 'POST /send/locationbutton',
    body: { Phone: '123456789', Body: '🗺️ *Tap the button to share your location*' },
    reply: sent,
  },
  {
    request: 'POST /send/pixbutton',
    body: {
      Phone: '123456789',
      Title: 'Payment Request',
      Body: 'Please complete your payment using the PIX button below',
      Footer: 'Thank you!',
      PixKey: '+5511999999999',
      MerchantName: 'My Store',
      PixType: 'PHONE',
    },
    reply: sent,
  },
  {
    request: 'POST /send/reviewpay',
    body: {
      Phone: '123456789',
      Title: 'Order Summary',
      Body: 'Please review your order and complete the payment',
      Caption: 'Your order details',
      Footer: 'Thank you for your purchase!',
      PixKey: '+5511999999999',
      MerchantName: 'My Store',
      PixType: 'PHONE',
      Currency: 'BRL',
      ReferenceID: 'ORDER-12345',
      TotalValue: 15000,
      TotalOffset: 100,
      Items: [],
    },
    reply: sent,
  },
  // Printed without a body; the fields are those of the page on interactive messages.
  {
    request: 'POST /send/carousel',
    body: {
      phone: '987654321',
      message: 'Our offers',
      carousel: [
        {
          text: 'First card',
          buttons: [{ id: '1', label: 'Visit', type: 'url', url: 'https://example.com' }],
        },
        { text: 'Second card', buttons: [{ id: '2', label: 'Yes', type: 'reply' }] },
      ],
    },
    reply: sent,
  },
  // Printed without a body; the fields are those of the page on interactive messages.
  {
    request: 'POST /send/carouselmedia',
    body: {
      phone: '987654321',
      message: 'Our offers',
      carousel: [
        {
          text: 'First card',
          caption: 'A picture',
          media_url: '$address',
          media_type: 'image',
          buttons: [{ id: '1', label: 'Visit', type: 'url', url: 'https://example.com' }],
        },
        {
          text: 'Second card',
          caption: 'Another',
          media_url: '$address',
          media_type: 'image',
          buttons: [{ id: '2', label: 'Yes', type: 'reply' }],
        },
      ],
    },
    reply: sent,
  },
]
