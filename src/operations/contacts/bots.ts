import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, children, childrenOf, textOf } from '../../whatsapp/wire/node.ts'
import { answered, ask, element } from '../ask.ts'
import { usyncQuery, usyncUsers } from './usync.ts'

/** One of WhatsApp's own AI characters, as it presents itself. */
export interface Bot {
  /** `…@bot`. */
  jid: string
  personaId: string
  name: string
  description: string
  category: string
  commands: { name: string; description: string }[]
  /** What to ask it: an emoji and a text. */
  prompts: string[]
}

/** The bots the account may write to; those that WhatsApp says nothing more about have a name of ''. */
export async function listBots(session: LiveSession): Promise<Bot[]> {
  const listed = await listedBots(session)
  if (listed.length === 0) return []

  const profiles = await botProfiles(session, listed)
  return listed.map((bot) => describe(bot, profiles.get(bot.jid)))
}

/** How the bots the account may write to are addressed. */
export async function listedBots(session: LiveSession): Promise<Pick<Bot, 'jid' | 'personaId'>[]> {
  const answer = await ask(session, { xmlns: 'bot', type: 'get' }, element('bot', { v: '2' }))
  // The other sections repeat some of the bots that are in the one for all.
  const everybody = children(answered(answer, 'bot')).find(({ attrs }) => attrs.type === 'all')
  return childrenOf(everybody, 'bot').map(({ attrs: { jid = '', persona_id: personaId = '' } }) => ({
    jid,
    personaId,
  }))
}

/** What the bots say about themselves, by JID. */
async function botProfiles(
  session: LiveSession,
  bots: Pick<Bot, 'jid' | 'personaId'>[],
): Promise<Map<string, BinaryNode>> {
  const users = bots.map(({ jid, personaId }) =>
    element('user', { jid }, [element('bot', {}, [element('profile', { persona_id: personaId })])]),
  )
  const protocols = [element('bot', {}, [element('profile', { v: '1' })])]
  const lookUp = usyncQuery({ mode: 'query', context: 'interactive', protocols, users })
  const found = usyncUsers(await session.call((socket) => socket.query(lookUp)))
  return new Map(
    found.flatMap((user) => {
      const profile = child(child(user, 'bot'), 'profile')
      return profile ? [[user.attrs.jid ?? '', profile] as const] : []
    }),
  )
}

function describe(bot: Pick<Bot, 'jid' | 'personaId'>, profile: BinaryNode | undefined): Bot {
  return {
    ...bot,
    name: textOf(child(profile, 'name')),
    description: textOf(child(profile, 'description')),
    category: textOf(child(profile, 'category')),
    commands: childrenOf(child(profile, 'commands'), 'command').map((command) => ({
      name: textOf(child(command, 'name')),
      description: textOf(child(command, 'description')),
    })),
    prompts: childrenOf(child(profile, 'prompts'), 'prompt').map((prompt) =>
      `${textOf(child(prompt, 'emoji'))} ${textOf(child(prompt, 'text'))}`.trim(),
    ),
  }
}
