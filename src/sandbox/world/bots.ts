import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { node } from './node.ts'

/** One of the service's own AI characters. */
interface Bot {
  jid: string
  personaId: string
  name: string
  description: string
  category: string
  commands: { name: string; description: string }[]
  prompts: { emoji: string; text: string }[]
}

/** The characters of the simulated world; the second one says nothing about itself. */
const BOTS: [Bot, Pick<Bot, 'jid' | 'personaId'>] = [
  {
    jid: '867051314767696@bot',
    personaId: '867051314767696$760019659443059',
    name: 'Meta AI',
    description: 'Your assistant',
    category: 'assistant',
    commands: [{ name: 'imagine', description: 'Draws a picture' }],
    prompts: [{ emoji: '🍝', text: 'What shall I cook?' }],
  },
  { jid: '253140951037123@bot', personaId: '253140951037123$101' },
]

/** Whether a JID is that of a character. */
export function isBot(jid: string): boolean {
  return BOTS.some((bot) => bot.jid === jid)
}

/** `<bot>` with the list of all characters; popular ones are in a section of their own as well. */
export function botList(): BinaryNode {
  const entries = BOTS.map(({ jid, personaId }) => node('bot', { jid, persona_id: personaId }))
  return node('bot', { v: '2' }, [
    node('section', { type: 'featured', name: 'Featured' }, entries.slice(0, 1)),
    node('section', { type: 'all', name: 'All' }, entries),
  ])
}

/** `<bot>` with what one character says about itself. */
export function botProfile(jid: string): BinaryNode | undefined {
  const [bot] = BOTS
  if (bot.jid !== jid) return undefined
  const commands = bot.commands.map(({ name, description }) =>
    node('command', {}, [text('name', name), text('description', description)]),
  )
  const prompts = bot.prompts.map(({ emoji, text: words }) =>
    node('prompt', {}, [text('emoji', emoji), text('text', words)]),
  )
  return node('bot', {}, [
    node('profile', { persona_id: bot.personaId }, [
      text('name', bot.name),
      text('attributes', ''),
      text('description', bot.description),
      text('category', bot.category),
      node('default'),
      node('commands', {}, [text('description', 'What it can do'), ...commands]),
      node('prompts', {}, prompts),
    ]),
  ])
}

function text(tag: string, words: string): BinaryNode {
  return node(tag, {}, Buffer.from(words))
}
