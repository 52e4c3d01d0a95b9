import { failure, success } from '../wago.ts'
import { done, type Example, sent } from './example.ts'

const product = {
  id: '988782362',
  name: 'My Product',
  description: '…',
  price: '100000',
  currency: 'INR',
  url: 'https://example.com',
  is_hidden: false,
  images: [],
}

const facts = {
  Name: 'My Product',
  Description: 'This is my product',
  Price: '100000',
  Currency: 'INR',
  Url: 'https://google.com',
  IsHidden: false,
}

/** The chapter on business accounts. */
export const businessExamples: Example[] = [
  {
    request: 'POST /business/get/profile',
    body: { Jid: '$shop' },
    reply: success({
      JID: '123456789@s.whatsapp.net',
      Address: '…',
      Email: '…',
      Categories: [{ ID: '…', Name: '…' }],
      ProfileOptions: {},
      BusinessHoursTimeZone: '…',
      BusinessHours: [],
    }),
  },
  { request: 'GET /business/get/categories', reply: success({ Categories: [{ Id: '…', Name: '…' }] }) },
  {
    request: 'POST /business/update/desc',
    body: { Desc: 'This is my business description' },
    reply: done('Business profile updated'),
  },
  {
    request: 'POST /business/update/address',
    body: { Address: 'This is my business address' },
    reply: done('Business profile updated'),
  },
  // The address is printed hidden.
  {
    request: 'POST /business/update/email',
    body: { Email: 'shop@example.com' },
    reply: done('Business profile updated'),
  },
  {
    request: 'POST /business/catalog/create',
    body: { Id: '1234567890', ...facts, Images: [] },
    reply: success({ Product: product }),
    differs: {
      why: 'WhatsApp takes no product without a picture',
      status: 400,
      reply: failure(400, 'missing Images in payload'),
    },
  },
  {
    request: 'POST /business/catalog/create',
    body: { Id: '1234567890', ...facts, Images: ['$image'] },
    reply: success({ Product: product }),
  },
  {
    request: 'POST /business/catalog/edit',
    body: { Id: '$product', ...facts, Images: [] },
    reply: success({ Product: product }),
  },
  {
    request: 'POST /business/catalog/list',
    body: { Jid: '$shop' },
    reply: success({
      Products: [product],
    }),
  },
  {
    request: 'POST /business/catalog/info',
    body: { Jid: '$shop', Id: '$offered' },
    reply: success({ Product: product }),
  },
  { request: 'POST /business/catalog/delete', body: { Id: '$sold' }, reply: done('Product deleted') },
  { request: 'POST /business/catalog/show', body: { Id: '$product' }, reply: done('Product visible') },
  { request: 'POST /business/catalog/hide', body: { Id: '$product' }, reply: done('Product hidden') },
  {
    request: 'POST /business/order/details',
    body: { OrderId: '$order', Token: '$orderToken' },
    reply: success({
      Order: {
        id: '123456789',
        price: { total: '100000', currency: 'INR' },
        products: [product],
      },
    }),
  },
  {
    request: 'POST /business/send/catalog',
    body: {
      Phone: '987654321',
      Text: 'Follow this link to view our catalog on WhatsApp: https://wa.me/c/123456789',
      MatchedText: 'https://wa.me/c/123456789',
      Title: 'MyShopName',
    },
    reply: sent,
  },
]
