import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { type Bot, listBots } from '../../../operations/contacts/bots.ts'
import { promptBot } from '../../../operations/messages/prompt-bot.ts'
import { required } from '../shapes/fields.ts'
import { id } from '../shapes/message-fields.ts'
import { sent } from '../shapes/replies.ts'

export const botEndpoints: Endpoint[] = [
  post('/bot/message', {
    summary: "Ask one of WhatsApp's AI characters",
    body: z.object({
      Body: required('Body'),
      PersonaID: text(limits.personaId).describe('One that `/bot/list` names; Meta AI when empty'),
      Id: id,
    }),
    run: promptBot,
    repeatable: 'message',
    input: ({ body }) => ({ id: body.Id, text: body.Body, personaId: body.PersonaID }),
    reply: sent,
  }),

  get('/bot/list', {
    summary: "List WhatsApp's AI characters",
    run: listBots,
    reply: reply(
      z.object({
        Bots: z.array(
          z.object({
            JID: z.string(),
            PersonaID: z.string(),
            Name: z.string(),
            Description: z.string(),
            Commands: z.array(z.object({ Name: z.string(), Description: z.string() })),
          }),
        ),
      }),
      (bots: Bot[]) => ({
        Bots: bots.map(({ jid, personaId, name, description, commands }) => ({
          JID: jid,
          PersonaID: personaId,
          Name: name,
          Description: description,
          Commands: commands.map((command) => ({ Name: command.name, Description: command.description })),
        })),
      }),
    ),
  }),
]
