import { bool, stringArray } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { isGroupJid } from '../../../lib/jid.ts'
import { limits } from '../../../lib/limits.ts'
import { chatJidOf } from './chat-address.ts'
import { flag } from './upload-field.ts'

const EVERYBODY = 'Mention everybody in the group'

const mentions = stringArray({ each: limits.address }).describe('Numbers or JIDs of people named in the text')

/** The fields by which a text says whom it mentions. */
export const mentionFields = { mentions, mention_all: bool().describe(EVERYBODY) }

/** The same in a form, where the list is JSON. */
export const formMentions = { mentions, mention_all: flag.describe(EVERYBODY) }

/** What the operations are told of them. Throws `invalid_field` for a group, and as `chatOf` does. */
export function mentionsOf(body: { mentions: string[]; mention_all: boolean }) {
  const people = body.mentions.map((given) => chatJidOf(given.replace(/:\d+@/, '@')))
  if (people.some(isGroupJid)) throw new ApiError('invalid_field', { text: 'mentions must name people' })
  return { mentions: people, everybody: body.mention_all }
}
