import { success } from '../wago.ts'
import { done, type Example, sent } from './example.ts'

/** The chapter on business accounts. */
export const businessExamples: Example[] = [
  {
    request: 'POST /business/get/profile',
    body: { Jid: '123456789' },
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
    body: {
      Id: '1234567890',
      Name: 'My Product',
      Images: [],
      Description: 'This is my product',
      Price: '100000',
      Currency: 'INR',
      Url: 'https://google.com',
      IsHidden: false,
    },
    reply: success({
      Product: {
        id: '988782362',
        name: 'My Product',
        description: '…',
        price: '100000',
        currency: 'INR',
        url: 'https://example.com',
        is_hidden: false,
        images: [],
      },
    }),
  },
  {
    request: 'POST /business/catalog/edit',
    body: {
      Id: '1234567890',
      Name: 'My Product',
      Images: [],
      Description: 'This is my product',
      Price: '100000',
      Currency: 'INR',
      Url: 'https://google.com',
      IsHidden: false,
    },
    reply: success({
      Product: {
        id: '988782362',
        name: 'My Product',
        description: '…',
        price: '100000',
        currency: 'INR',
        url: 'https://example.com',
        is_hidden: false,
        images: [],
      },
    }),
  },
  {
    request: 'POST /business/catalog/list',
    body: { Jid: '123456789' },
    reply: success({
      Products: [
        {
          id: '988782362',
          name: 'My Product',
          description: '…',
          price: '100000',
          currency: 'INR',
          url: 'https://example.com',
          is_hidden: false,
          images: [],
        },
      ],
    }),
  },
  {
    request: 'POST /business/catalog/info',
    body: { Jid: '123456789', Id: '988782362' },
    reply: success({
      Product: {
        id: '988782362',
        name: 'My Product',
        description: '…',
        price: '100000',
        currency: 'INR',
        url: 'https://example.com',
        is_hidden: false,
        images: [],
      },
    }),
  },
  { request: 'POST /business/catalog/delete', body: { Id: '988782362' }, reply: done('Product deleted') },
  { request: 'POST /business/catalog/show', body: { Id: '988782362' }, reply: done('Product visible') },
  { request: 'POST /business/catalog/hide', body: { Id: '988782362' }, reply: done('Product hidden') },
  {
    request: 'POST /business/order/details',
    body: { OrderId: '123456789', Token: 'AR7LsQpmS1K/HO24sdk5QnV80g==' },
    reply: success({
      Order: {
        id: '123456789',
        price: { total: '100000', currency: 'INR' },
        products: [
          {
            id: '988782362',
            name: 'My Product',
            description: '…',
            price: '100000',
            currency: 'INR',
            url: 'https://example.com',
            is_hidden: false,
            images: [],
          },
        ],
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
