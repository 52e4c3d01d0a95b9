import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { listUpTo, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { type ListMessage, sendList } from '../../../operations/messages/send.ts'
import { type ButtonsMessage, sendButtons } from '../../../operations/messages/send-buttons.ts'
import { required } from '../shapes/fields.ts'
import { sent } from '../shapes/replies.ts'
import { addressed, messageFields } from './send.ts'

type Button = ButtonsMessage['buttons'][number]
type Section = ListMessage['sections'][number]

const label = text(limits.buttonText)
const answer = text(limits.buttonId)

const button = z.object({
  type: text().describe('reply (default), cta_url, cta_call or copy'),
  title: label.describe('The label, cut after 20 characters'),
  text: label.describe('The label, when there is no title'),
  buttonText: label.describe('The label, when there is neither title nor text'),
  id: answer.describe('What the answer names; the label when empty'),
  buttonId: answer,
  url: text(limits.url),
  phone_number: text(limits.address),
  copy_code: label,
})

const row = z.object({
  title: label,
  desc: label,
  RowId: answer.describe('What the answer names; the title when empty'),
  RowID: answer,
  rowId: answer,
  rowID: answer,
  Description: label.describe('What the original API called desc'),
})

const rows = listUpTo(limits.listRows, z.array(row)).default([])

const buttonsBody = z.object({
  Phone: text(limits.address).describe('Phone number or JID'),
  Body: text(),
  text: text().describe('Stands in for Body'),
  Title: text().describe('Heading; an image takes its place'),
  Footer: text(),
  Image: text(limits.picture).describe('Data URL or http(s) address of a picture above the text'),
  Buttons: listUpTo(limits.buttons, z.array(button)).default([]),
  ...messageFields,
})

const listBody = z.object({
  Phone: required('Phone', limits.address).describe('Phone number or JID'),
  ButtonText: label.describe('Label of the button that opens the list; Select when empty'),
  Desc: text().describe('The text; Body, body and text stand in for it'),
  Body: text(),
  body: text(),
  text: text(),
  TopText: text().describe('Heading'),
  FooterText: text(),
  Sections: listUpTo(limits.listSections, z.array(z.object({ title: label, rows }))).default([]),
  List: rows.describe('Rows without sections; Sections wins'),
  Title: text().describe('What the original API called TopText'),
  Description: text().describe('What the original API called Desc'),
  ...messageFields,
})

const templateBody = z.object({
  Phone: required('Phone', limits.address).describe('Phone number or JID'),
  Content: required('Content').describe('The text'),
  Footer: required('Footer'),
  Buttons: listUpTo(
    limits.buttons,
    z
      .array(
        z.object({
          DisplayText: label,
          Type: text().meta({ enum: ['quickreply', 'url', 'call'] }),
          Id: answer.describe('What the answer names; the number of the button when empty'),
          Url: text(limits.url),
          PhoneNumber: text(limits.address),
        }),
        'missing Buttons in Payload',
      )
      .min(1, 'missing Buttons in Payload'),
  ),
  ...messageFields,
})

const LABEL_LENGTH = 20

/** The first of the texts that is not blank, as it was written. */
function firstOf(...texts: string[]): string {
  return texts.find((one) => one.trim() !== '') ?? ''
}

function buttonsOf(body: z.infer<typeof buttonsBody>, profile: string): ButtonsMessage {
  const { Phone, Body, Title, Footer: footer, Image: image } = body
  const written = firstOf(Body, body.text).trim()
  // The original API knew no Body: its Title was the text.
  const content = written === '' && profile === 'reference' ? Title.trim() : written
  if (Phone === '' || content === '' || body.Buttons.length === 0)
    throw new ApiError('missing_field', { text: 'missing Phone, Body or Buttons' })
  const buttons = body.Buttons.flatMap(buttonOf)
  if (buttons.length === 0) throw new ApiError('invalid_field', { text: 'no valid buttons parsed' })
  const title = written === '' ? '' : Title
  return { ...addressed(body, profile), body: content, title, footer, image, buttons }
}

/** No button when it has no label or is of an unknown type. */
function buttonOf(given: z.infer<typeof button>): Button[] {
  const label = [...firstOf(given.title, given.text, given.buttonText).trim()].slice(0, LABEL_LENGTH).join('')
  if (label === '') return []
  switch (given.type.trim().toLowerCase() || 'reply') {
    case 'reply':
      return [{ kind: 'reply', label, id: given.id || given.buttonId || label }]
    case 'cta_url':
      return [{ kind: 'url', label, url: given.url }]
    case 'cta_call':
      return [{ kind: 'call', label, phone: given.phone_number }]
    case 'copy':
      return [{ kind: 'copy', label, code: given.copy_code }]
    default:
      return []
  }
}

function listOf(body: z.infer<typeof listBody>, profile: string): ListMessage {
  const isOriginal = profile === 'reference'
  const content = firstOf(body.Desc, body.Body, body.body, body.text, isOriginal ? body.Description : '')
  if (content === '') throw new ApiError('missing_field', { text: 'missing Desc/Body in Payload' })
  const title = firstOf(body.TopText, isOriginal ? body.Title : '')
  if (body.Sections.length === 0 && body.List.length === 0)
    throw new ApiError('missing_field', { text: 'missing Sections (or List) in Payload' })
  const given = body.Sections.length > 0 ? body.Sections : [{ title: title || 'Menu', rows: body.List }]
  const sections = given.flatMap((section) => sectionOf(section))
  if (sections.length === 0)
    throw new ApiError('invalid_field', { text: 'no valid sections/rows found in Payload' })
  return {
    ...addressed(body, profile),
    title,
    body: content,
    footer: body.FooterText,
    button: body.ButtonText || 'Select',
    sections,
  }
}

/** No section when none of its rows has a title. */
function sectionOf({ title, rows }: { title: string; rows: z.infer<typeof row>[] }): Section[] {
  const titled = rows
    .filter((given) => given.title.trim() !== '')
    .map((given) => ({
      id: given.RowId || given.RowID || given.rowId || given.rowID || given.title,
      title: given.title,
      description: given.desc || given.Description,
    }))
  return titled.length > 0 ? [{ title, rows: titled }] : []
}

/** Templates are shown by no phone any more; the same message with today's buttons is. */
function templateOf(body: z.infer<typeof templateBody>, profile: string): ButtonsMessage {
  const buttons = body.Buttons.map(({ DisplayText: label, Type, Id, Url, PhoneNumber }, index): Button => {
    if (Type === 'url') return { kind: 'url', label, url: Url }
    if (Type === 'call') return { kind: 'call', label, phone: PhoneNumber }
    return { kind: 'reply', label, id: Id || String(index + 1) }
  })
  return { ...addressed(body, profile), body: body.Content, footer: body.Footer, buttons }
}

export const interactiveEndpoints: Endpoint[] = [
  post('/chat/send/buttons', {
    summary: 'Send a text with buttons',
    body: buttonsBody,
    run: sendButtons,
    repeatable: 'message',
    input: ({ body }, { profile }) => buttonsOf(body, profile),
    reply: sent,
    failure: 'error sending message: %s',
  }),

  post('/chat/send/list', {
    summary: 'Send a text with a list to choose from',
    body: listBody,
    run: sendList,
    repeatable: 'message',
    input: ({ body }, { profile }) => listOf(body, profile),
    reply: sent,
    failure: 'error sending message: %s',
  }),

  post('/chat/send/template', {
    summary: 'Send a text with quick replies, links and calls',
    profile: 'reference',
    body: templateBody,
    run: sendButtons,
    repeatable: 'message',
    input: ({ body }, { profile }) => templateOf(body, profile),
    reply: sent,
    failure: 'error sending message: %s',
  }),
]
