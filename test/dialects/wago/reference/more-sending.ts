import { success } from '../wago.ts'
import { type Example, sent } from './example.ts'

/** The chapters on bots and on the status. */
export const moreSendingExamples: Example[] = [
  { request: 'POST /bot/message', body: { Body: 'Hi', PersonaID: '' }, reply: sent },
  {
    request: 'GET /bot/list',
    reply: success({
      Bots: [{ JID: '867051314767696@bot', PersonaID: '…', Name: 'Meta AI', Description: '…', Commands: [] }],
    }),
  },
  {
    request: 'POST /status/text',
    body: {
      Text: 'Hey there! I am using WhatsApp.',
      TextColor: 4294967295,
      BackgroundColor: 4285408638,
      Font: 1,
    },
    reply: sent,
  },
  // The picture is printed cut off; this one is whole.
  { request: 'POST /status/image', body: { Image: '$image', Caption: 'this is caption' }, reply: sent },
  // Printed without a body.
  { request: 'POST /status/video', body: { Video: '$video', Caption: 'this is caption' }, reply: sent },
]
