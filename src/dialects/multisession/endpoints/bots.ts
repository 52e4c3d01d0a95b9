import { z } from 'zod'
import { type Endpoint, get, reply } from '../../../http/endpoint/endpoint.ts'
import { type Bot, listBots, listedBots } from '../../../operations/contacts/bots.ts'
import { answer } from '../envelope.ts'
import { asked } from '../shapes/asked.ts'

const address = { jid: z.string(), persona_id: z.string() }

const profilesShape = z.object({
  profiles: z.array(
    z.object({
      ...address,
      name: z.string(),
      description: z.string(),
      commands: z.array(z.object({ Name: z.string(), Description: z.string() })),
    }),
  ),
})

function profileFields({ jid, personaId, name, description, commands }: Bot) {
  return {
    jid,
    persona_id: personaId,
    name,
    description,
    commands: commands.map((command) => ({ Name: command.name, Description: command.description })),
  }
}

export const botEndpoints: Endpoint[] = [
  get('/bots', {
    summary: 'List the bots the account may write to',
    needs: 'stored',
    run: asked(listedBots),
    reply: answer(
      'Success get bot list',
      z.object({ bots: z.array(z.object(address)) }),
      (bots: Pick<Bot, 'jid' | 'personaId'>[]) => ({
        bots: bots.map(({ jid, personaId }) => ({ jid, persona_id: personaId })),
      }),
    ),
  }),

  get('/bots/profiles', {
    summary: 'Show what the bots say about themselves; those that say nothing are left out',
    needs: 'stored',
    run: asked(listBots),
    reply: reply(z.object({ message: z.string(), data: profilesShape }), (bots: Bot[]) => ({
      message: bots.length > 0 ? 'Success get bot profiles' : 'No bots available',
      data: { profiles: bots.filter(({ name }) => name !== '').map(profileFields) },
    })),
  }),
]
