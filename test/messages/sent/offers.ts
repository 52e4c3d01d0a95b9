import { ANY } from '../received-kinds.ts'
import { dataUrl, nowhere, type SentKind, way } from './way.ts'

const REPLY = { buttons: [{ name: 'quick_reply', buttonParamsJson: ANY }] }
const CARDS = [
  { text: 'One', buttons: [{ id: 'a', text: 'Take it' }] },
  { text: 'Two', buttons: [{ id: 'b', text: 'Take it' }] },
]
const flow = { type: 'text' } as const
const PIX = { PixKey: 'shop@example.com', PixType: 'EMAIL', MerchantName: 'Shop' }

/** What people choose from, and how they pay. */
export const sentOffers: SentKind[] = [
  {
    ...nowhere,
    name: 'buttons to answer with',
    member: 'interactiveMessage',
    holds: { body: { text: 'Tea?' }, nativeFlowMessage: REPLY },
    attributes: flow,
    wuzapi: way('/chat/send/buttons', ({ to }) => ({
      Phone: to,
      Body: 'Tea?',
      Buttons: [{ id: 'y', title: 'Yes' }],
    })),
    wago: way('/send/buttons', ({ to }) => ({
      Phone: to,
      Content: 'Tea?',
      Buttons: [{ Id: 'y', DisplayText: 'Yes' }],
    })),
  },
  {
    ...nowhere,
    name: 'buttons that open, call and copy',
    member: 'interactiveMessage',
    holds: {
      nativeFlowMessage: { buttons: [{ name: 'cta_url' }, { name: 'cta_call' }, { name: 'cta_copy' }] },
    },
    attributes: flow,
    wuzapi: way('/chat/send/buttons', ({ to }) => ({
      Phone: to,
      Body: 'Tea?',
      Buttons: [
        { type: 'cta_url', title: 'Open', url: 'https://example.com' },
        { type: 'cta_call', title: 'Call', phone_number: '+15550003003' },
        { type: 'copy', title: 'Copy', copy_code: 'TEA' },
      ],
    })),
    wago: way('/send/template', ({ to }) => ({
      Phone: to,
      Content: 'Tea?',
      Buttons: [
        { Type: 'url', DisplayText: 'Open', Url: 'https://example.com' },
        { Type: 'call', DisplayText: 'Call', PhoneNumber: '+15550003003' },
        { Type: 'copy', DisplayText: 'Copy', Id: 'TEA' },
      ],
    })),
  },
  {
    ...nowhere,
    name: 'template of earlier years, sent as buttons',
    member: 'interactiveMessage',
    holds: { body: { text: 'Tea?' }, footer: { text: 'Shop' }, nativeFlowMessage: REPLY },
    attributes: flow,
    wuzapi: way('/chat/send/template', ({ to }) => ({
      Phone: to,
      Content: 'Tea?',
      Footer: 'Shop',
      Buttons: [{ DisplayText: 'Yes', Type: 'quickreply' }],
    })),
    wago: way('/send/template', ({ to }) => ({
      Phone: to,
      Content: 'Tea?',
      Footer: 'Shop',
      Buttons: [{ DisplayText: 'Yes', Type: 'quickreply' }],
    })),
  },
  {
    ...nowhere,
    name: 'picture with buttons',
    member: 'interactiveMessage',
    holds: { header: { hasMediaAttachment: true, imageMessage: ANY }, nativeFlowMessage: REPLY },
    attributes: flow,
    wuzapi: way('/chat/send/buttons', ({ to, files }) => ({
      Phone: to,
      Body: 'Tea?',
      Image: dataUrl(files.jpeg),
      Buttons: [{ id: 'y', title: 'Yes' }],
    })),
    wago: way('/send/mediabutton', ({ to, files }) => ({
      Phone: to,
      Content: 'Tea?',
      Type: 'image',
      Media: dataUrl(files.jpeg),
      Buttons: [{ Id: 'y', DisplayText: 'Yes' }],
    })),
  },
  {
    ...nowhere,
    name: 'list to choose from',
    member: 'listMessage',
    holds: {
      description: 'Tea?',
      buttonText: 'Look',
      sections: [{ rows: [{ title: 'Green', rowId: 'g' }] }],
    },
    attributes: { type: 'media', mediatype: 'list' },
    wuzapi: way('/chat/send/list', ({ to }) => ({
      Phone: to,
      ButtonText: 'Look',
      Desc: 'Tea?',
      Sections: [{ title: 'Tea', rows: [{ title: 'Green', RowId: 'g' }] }],
    })),
    wago: way('/send/list', ({ to }) => ({
      Phone: to,
      ButtonText: 'Look',
      Desc: 'Tea?',
      List: [{ title: 'Green', RowId: 'g' }],
    })),
  },
  {
    ...nowhere,
    name: 'question for a place',
    member: 'interactiveMessage',
    holds: { body: { text: 'Where?' }, nativeFlowMessage: { buttons: [{ name: 'send_location' }] } },
    attributes: flow,
    wago: way('/send/locationbutton', ({ to }) => ({ Phone: to, Body: 'Where?' })),
  },
  {
    ...nowhere,
    wuzapi: 'in forks only',
    name: 'carousel',
    member: 'interactiveMessage',
    holds: { carouselMessage: { cards: [{ body: { text: 'One' } }, { body: { text: 'Two' } }] } },
    attributes: flow,
    wago: way('/send/carousel', ({ to }) => ({ phone: to, message: 'Tea', carousel: CARDS })),
  },
  {
    ...nowhere,
    wuzapi: 'in forks only',
    name: 'carousel with pictures',
    member: 'interactiveMessage',
    holds: {
      carouselMessage: { cards: [{ header: { imageMessage: ANY } }, { header: { imageMessage: ANY } }] },
    },
    attributes: flow,
    wago: way('/send/carouselmedia', ({ to, files }) => ({
      phone: to,
      message: 'Tea',
      carousel: CARDS.map((card) => ({ ...card, media_url: dataUrl(files.jpeg), media_type: 'image' })),
    })),
  },
  {
    ...nowhere,
    wuzapi: 'in forks only',
    name: 'PIX key',
    member: 'interactiveMessage',
    holds: { nativeFlowMessage: { buttons: [{ name: 'payment_info' }] } },
    attributes: flow,
    wago: way('/send/pixbutton', ({ to }) => ({ Phone: to, Body: 'Pay here', ...PIX })),
  },
  {
    ...nowhere,
    name: 'order to review and pay',
    member: 'interactiveMessage',
    holds: { nativeFlowMessage: { buttons: [{ name: 'review_and_pay' }] } },
    attributes: flow,
    wago: way('/send/reviewpay', ({ to }) => ({
      Phone: to,
      Body: 'Your order',
      ...PIX,
      Items: [{ Name: 'Tea', Amount: 900, RetailerID: 't1' }],
    })),
  },
]
