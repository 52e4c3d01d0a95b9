import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { messageEvents } from '../../../../src/whatsapp/inbound/parse/messages.ts'
import { openPollVote, votedPollId } from '../../../../src/whatsapp/inbound/parse/poll-vote.ts'
import { aesEncryptGCM, hmacSign, proto } from '../../../../src/whatsapp/library/engine.ts'

const ME = { pn: '5511988887777:12@s.whatsapp.net', lid: '222222222222222:12@lid' }
const SECRET = Buffer.alloc(32, 7)
const poll = {
  sender: [ME.pn],
  message: {
    messageContextInfo: { messageSecret: SECRET },
    pollCreationMessageV3: { name: 'Lunch?', options: [{ optionName: 'Pizza' }, { optionName: 'Sushi' }] },
  },
}
const hash = (option: string) => createHash('sha256').update(option).digest()

/** A vote for `options` as the voter's phone encrypts it, received as a message. */
function vote(creator: string, voter: string, options: string[]) {
  const sign = Buffer.concat([Buffer.from(`POLL${creator}${voter}Poll Vote`), Buffer.from([1])])
  const key = hmacSign(sign, hmacSign(SECRET, Buffer.alloc(32), 'sha256'), 'sha256')
  const encIv = Buffer.alloc(12, 1)
  const plain = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(hash) }).finish()
  const encPayload = aesEncryptGCM(plain, key, encIv, Buffer.from(`POLL\0${voter}`))
  const message = {
    pollUpdateMessage: { pollCreationMessageKey: { id: 'POLL', fromMe: true }, vote: { encPayload, encIv } },
  }
  const [event] = messageEvents(
    {
      attrs: { id: 'V', from: '123:2@lid', sender_pn: '5511@s.whatsapp.net', t: '1' },
      meta: [],
      encType: 'msg',
      encAttrs: { type: 'msg' },
      plaintext: proto.Message.encode(message).finish(),
    },
    ME,
  )
  if (!event) throw new Error('no event came out of the vote')
  return event
}

describe('votes', () => {
  test.each([
    ['222222222222222@lid', '123@lid'],
    ['5511988887777@s.whatsapp.net', '5511@s.whatsapp.net'],
  ])('encrypted between %s and %s are opened', (creator, voter) => {
    const event = vote(creator, voter, ['Pizza'])

    expect(votedPollId(event)).toBe('POLL')
    expect(openPollVote(event, poll, ME)).toEqual({
      pollId: 'POLL',
      selectedHashes: [hash('Pizza').toString('base64')],
      selectedOptions: ['Pizza'],
    })
  })

  test('that were withdrawn choose nothing', () => {
    expect(openPollVote(vote('222222222222222@lid', '123@lid', []), poll, ME)).toEqual({
      pollId: 'POLL',
      selectedHashes: [],
      selectedOptions: [],
    })
  })

  test('for options nobody knows keep their hashes', () => {
    const opened = openPollVote(vote('222222222222222@lid', '123@lid', ['Salad']), poll, ME)

    expect(opened).toMatchObject({ selectedHashes: [hash('Salad').toString('base64')], selectedOptions: [] })
  })

  test('of somebody else stay closed', () => {
    expect(openPollVote(vote('222222222222222@lid', '999@lid', ['Pizza']), poll, ME)).toBeUndefined()
  })
})
