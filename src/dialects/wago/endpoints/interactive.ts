import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { listUpTo, text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { sendList } from '../../../operations/messages/send.ts'
import { requestLocation, sendButtons } from '../../../operations/messages/send-buttons.ts'
import { sendCarousel } from '../../../operations/messages/send-carousel.ts'
import { buttonList, buttonOf } from '../shapes/buttons.ts'
import { missing, recipient, required, requiredMedia } from '../shapes/fields.ts'
import { addressed, id, phone } from '../shapes/message-fields.ts'
import { sent } from '../shapes/replies.ts'
import { mediaFailures } from './send-media.ts'

const heading = text(limits.buttonText).describe('Heading')
const footer = text().describe('Small text below')

/** What a message with buttons says. */
const texts = {
  Title: heading,
  Content: required('Content'),
  Footer: footer,
  Buttons: buttonList('Buttons'),
}

function textsOf(body: z.infer<z.ZodObject<typeof texts>>) {
  return {
    title: body.Title,
    body: body.Content,
    footer: body.Footer,
    buttons: body.Buttons.map(buttonOf),
  }
}

const rows = listUpTo(
  limits.listRows,
  z
    .array(
      z.object({
        title: required('title', limits.buttonText),
        desc: text(limits.buttonText),
        RowId: text(limits.buttonId).describe('What the answer names; the title when empty'),
      }),
      missing('List'),
    )
    .min(1, missing('List')),
)

const kind = required('Type').pipe(
  z.enum(['image', 'video', 'document'], 'Type must be image, video or document'),
)

const card = z.object({
  text: text().describe('What the card says'),
  caption: text().describe('Small text below; without `text` what the card says'),
  buttons: buttonList('buttons'),
})
const mediaCard = card.extend({
  media_url: requiredMedia('media_url').describe('http(s) address or data URL'),
  media_type: text(limits.name)
    .transform((type) => type || 'image')
    .pipe(z.enum(['image', 'video'], 'media_type must be image or video')),
})

const chat = { phone: recipient('phone'), message: text().describe('The text above the cards'), Id: id }

function cards<Card extends z.ZodType>(shape: Card) {
  return listUpTo(limits.carouselCards, z.array(shape, missing('carousel')).min(1, missing('carousel')))
}

/** The texts and buttons of a card. */
function cardOf({ text, caption, buttons }: z.infer<typeof card>) {
  return {
    body: text || caption,
    ...(text !== '' && caption !== '' && { footer: caption }),
    buttons: buttons.map(buttonOf),
  }
}

/** A text with buttons, whatever each does. */
function textWithButtons(path: string, summary: string): Endpoint {
  return post(path, {
    summary,
    body: z.object({ Phone: phone, ...texts, Id: id }),
    run: sendButtons,
    repeatable: 'message',
    input: ({ body }) => ({ ...addressed(body), ...textsOf(body) }),
    reply: sent,
  })
}

export const interactiveEndpoints: Endpoint[] = [
  textWithButtons('/send/template', 'Send a text with buttons that copy, open or call something'),
  textWithButtons('/send/buttons', 'Send a text with buttons to answer with'),

  post('/send/mediabutton', {
    summary: 'Send a file with a text and buttons below it',
    body: z.object({
      Phone: phone,
      ...texts,
      Filename: text(limits.fileName).describe('Name of a document'),
      MessageId: id,
      Type: kind,
      Media: requiredMedia('Media').describe('Data URL, http(s) address or form file'),
    }),
    run: sendButtons,
    repeatable: 'message',
    input: ({ body }) => ({
      ...addressed({ Phone: body.Phone, Id: body.MessageId }),
      ...textsOf(body),
      media: { kind: body.Type, file: body.Media, fileName: body.Filename },
    }),
    reply: sent,
    failure: mediaFailures,
  }),

  post('/send/list', {
    summary: 'Send a text with a list to choose from',
    body: z.object({
      Phone: phone,
      ButtonText: required('ButtonText', limits.buttonText).describe(
        'Label of the button that opens the list',
      ),
      Desc: required('Desc').describe('The text'),
      TopText: text(limits.buttonText).describe('Heading, of the list as well'),
      List: rows,
      Id: id,
    }),
    run: sendList,
    repeatable: 'message',
    input: ({ body }) => ({
      ...addressed(body),
      title: body.TopText,
      body: body.Desc,
      button: body.ButtonText,
      sections: [
        {
          title: body.TopText || body.ButtonText,
          rows: body.List.map(({ title, desc, RowId }) => ({ id: RowId || title, title, description: desc })),
        },
      ],
    }),
    reply: sent,
  }),

  post('/send/locationbutton', {
    summary: 'Ask somebody for a place, by a button',
    body: z.object({ Phone: phone, Body: required('Body'), Id: id }),
    run: requestLocation,
    repeatable: 'message',
    input: ({ body }) => ({ ...addressed(body), body: body.Body }),
    reply: sent,
  }),

  post('/send/carousel', {
    summary: 'Send cards with texts and buttons to swipe through',
    body: z.object({ ...chat, carousel: cards(card) }),
    run: sendCarousel,
    repeatable: 'message',
    input: ({ body }) => ({
      to: body.phone,
      id: body.Id,
      body: body.message,
      cards: body.carousel.map(cardOf),
    }),
    reply: sent,
  }),

  post('/send/carouselmedia', {
    summary: 'Send cards with pictures or videos, texts and buttons to swipe through',
    body: z.object({ ...chat, carousel: cards(mediaCard) }),
    run: sendCarousel,
    repeatable: 'message',
    input: ({ body }) => ({
      to: body.phone,
      id: body.Id,
      body: body.message,
      cards: body.carousel.map(({ media_url: file, media_type: kind, ...texts }) => ({
        ...cardOf(texts),
        media: { kind, file },
      })),
    }),
    reply: sent,
    failure: mediaFailures,
  }),
]
