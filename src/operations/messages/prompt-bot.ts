import { ApiError } from '../../lib/errors.ts'
import { promptContent } from '../../whatsapp/content/prompt.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { listedBots } from '../contacts/bots.ts'
import type { Addressed } from './addressed.ts'

export interface BotPrompt extends Omit<Addressed, 'to'> {
  text: string
  /** One of those that `listBots` names; Meta AI when empty. */
  personaId?: string
}

/** WhatsApp's own assistant, whose addresses its clients know without asking. */
const META_AI = { jid: '867051314767696@bot', personaId: '867051314767696$760019659443059' }

/**
 * Asks an AI character; resolves when the server has acknowledged the message. What it answers is encrypted in a way of its
 * own and arrives as a message that cannot be read. Throws `not_found` for a character that there is not.
 */
export async function promptBot(session: LiveSession, prompt: BotPrompt): Promise<Sent> {
  const { id, personaId, ...content } = prompt
  if (content.text.trim() === '') throw new ApiError('missing_field', { text: 'a prompt needs a text' })
  const bot = personaId ? await findBot(session, personaId) : META_AI
  return session.send({ to: bot.jid, id, ...promptContent({ ...content, personaId: bot.personaId }) })
}

async function findBot(session: LiveSession, personaId: string): Promise<typeof META_AI> {
  const found = (await listedBots(session)).find((bot) => bot.personaId === personaId)
  if (!found) throw new ApiError('not_found', { text: 'there is no bot with this persona' })
  return found
}
