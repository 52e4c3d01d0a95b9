import { createHash } from 'node:crypto'
import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { unwrapped } from '../world/wrappers.ts'
import { editOf, SECRET_TYPES, secretMessage } from './text-words.ts'
import { earlier, ownEarlier, word } from './word.ts'

type Poll = proto.Message.IPollCreationMessage

/** The member each version of a poll is in. The fourth is a wrapper. */
const VERSIONS = {
  1: 'pollCreationMessage',
  2: 'pollCreationMessageV2',
  3: 'pollCreationMessageV3',
  5: 'pollCreationMessageV5',
  6: 'pollCreationMessageV6',
} as const satisfies Record<number, keyof proto.IMessage>
const USUAL_VERSION = 3

const poll = z.object({
  name: z.string(),
  options: z.array(z.string()).min(1),
  /** How many options one voter may choose; 0 = any number. */
  selectable: z.int().nonnegative().default(1),
  version: z.literal([1, 2, 3, 4, 5, 6]).optional(),
  /** The right option, which makes it a quiz. */
  correct: z.string().optional(),
  /** Unix seconds after which nobody votes any more. */
  closes: z.int().optional(),
  /** Nobody is told who chose what. */
  anonymous: z.boolean().optional(),
  /** Everybody may add options. */
  extensible: z.boolean().optional(),
})

/** Polls, what becomes of them, and their results. Votes have a control of their own. */
export const pollWords = {
  poll: word(poll, ({ version = USUAL_VERSION, ...given }) => {
    const made = pollMessage(given)
    if (version === 4) return { pollCreationMessageV4: { message: { pollCreationMessageV3: made } } }
    return { [VERSIONS[version]]: made }
  }),
  /** Other particulars of an own poll; what is not named stays. */
  pollEdit: word(
    z.object({
      id: z.string(),
      name: z.string().optional(),
      options: z.array(z.string()).min(1).optional(),
      closes: z.int().optional(),
    }),
    ({ id, name, options, closes }, context) => {
      const [member, before] = pollIn(ownEarlier(context, id).message, id)
      const changed: Poll = {
        ...before,
        ...(name !== undefined && { name }),
        ...(options && { options: options.map((optionName) => ({ optionName })) }),
        ...(closes !== undefined && { endTime: closes }),
      }
      const protocolMessage = editOf(context.keyOf(id), { [member]: changed })
      const plain = proto.Message.encode({ protocolMessage }).finish()
      return secretMessage(context.seal(id, 'Poll Edit', plain), SECRET_TYPES.pollEdit)
    },
  ),
  /** Another option, for a poll that lets everybody add some. */
  addPollOption: word(z.object({ id: z.string(), option: z.string() }), ({ id, option }, context) => {
    const [, found] = pollIn(earlier(context, id).message, id)
    if (!found.allowAddOption) throw new Error(`poll ${id} takes no further options`)
    const plain = proto.Message.encode({
      pollAddOptionMessage: {
        pollCreationMessageKey: context.keyOf(id),
        addOption: { optionName: option, optionHash: optionHash(option) },
      },
    }).finish()
    const sealed = context.seal(id, 'Poll Add Option', plain)
    return {
      ...secretMessage(sealed, SECRET_TYPES.pollAddOption),
      messageContextInfo: {
        messageAssociation: proto.MessageAssociation.fromObject({
          associationType: POLL_ADD_OPTION,
          parentMessageKey: sealed.key,
        }),
      },
    }
  }),
  /** The votes of a poll, as far as the speaker has seen them unless they are given. */
  pollResult: word(
    z.object({
      id: z.string(),
      votes: z.record(z.string(), z.int().nonnegative()).optional(),
      version: z.literal([1, 3]).default(1),
    }),
    ({ id, votes, version }, context) => {
      const [, { name, options, pollType }] = pollIn(earlier(context, id).message, id)
      const counted = votes ? new Map(Object.entries(votes)) : context.tally(id)
      const result = {
        name,
        pollType,
        pollVotes: (options ?? []).map(({ optionName }) => ({
          optionName,
          optionVoteCount: counted.get(optionName ?? '') ?? 0,
        })),
      }
      return version === 3 ? { pollResultSnapshotMessageV3: result } : { pollResultSnapshotMessage: result }
    },
  ),
}

/** Kind of association that the library has no name for (whatsmeow 2026-08-21). */
const POLL_ADD_OPTION = 20

/** The poll that a message is, and the member it is in. @throws Error when it is none. */
export function pollIn(message: proto.IMessage, id: string): [member: keyof proto.IMessage, poll: Poll] {
  const content = unwrapped(message)
  for (const member of Object.values(VERSIONS)) {
    const found = content[member]
    if (found) return [member, found]
  }
  throw new Error(`message ${id} is no poll`)
}

function pollMessage({
  name,
  options,
  selectable,
  correct,
  closes,
  anonymous,
  extensible,
}: Omit<z.infer<typeof poll>, 'version'>): Poll {
  if (correct !== undefined && !options.includes(correct))
    throw new Error(`the poll has no option ${correct}`)
  return {
    name,
    options: options.map((optionName) => ({ optionName })),
    selectableOptionsCount: selectable,
    pollContentType: proto.Message.PollContentType.TEXT,
    ...(correct !== undefined && {
      pollType: proto.Message.PollType.QUIZ,
      correctAnswer: { optionName: correct, optionHash: optionHash(correct) },
    }),
    endTime: closes,
    hideParticipantName: anonymous,
    allowAddOption: extensible,
  }
}

/** Options are told apart by their hash, in hexadecimal digits (WhatsApp Web). */
function optionHash(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}
