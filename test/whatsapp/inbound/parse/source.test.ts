import { describe, expect, test } from 'vitest'
import { sourceOf } from '../../../../src/whatsapp/inbound/parse/source.ts'
import type { BinaryNode } from '../../../../src/whatsapp/library/engine.ts'

const ME = { pn: '5511988887777:12@s.whatsapp.net', lid: '222222222222222:12@lid' }

function message(attrs: Record<string, string>, content?: BinaryNode[]): BinaryNode {
  return { tag: 'message', attrs, ...(content && { content }) }
}

describe('one-to-one chats', () => {
  test('the chat has no device, the sender has, and the other identity is on the same device', () => {
    const source = sourceOf(message({ from: '123:3@lid', sender_pn: '5511@s.whatsapp.net' }), ME)

    expect(source).toMatchObject({
      chat: '123@lid',
      sender: '123:3@lid',
      senderAlt: '5511:3@s.whatsapp.net',
      fromMe: false,
      isGroup: false,
    })
  })

  test('in a chat by number the other identity is the LID', () => {
    const source = sourceOf(
      message({ from: '5511@s.whatsapp.net', sender_lid: '123@lid', sender_pn: 'x@y' }),
      ME,
    )

    expect(source).toMatchObject({ chat: '5511@s.whatsapp.net', senderAlt: '123@lid' })
  })

  test('companions in the cloud count as ordinary people', () => {
    const source = sourceOf(message({ from: '5511:99@hosted' }), ME)

    expect(source).toMatchObject({ chat: '5511@s.whatsapp.net', sender: '5511:99@s.whatsapp.net' })
  })

  test('device 0 is the phone itself and is not written', () => {
    expect(sourceOf(message({ from: '123:0@lid' }), ME).sender).toBe('123@lid')
  })
})

describe('own messages', () => {
  test.each([ME.pn, '5511988887777@s.whatsapp.net', '222222222222222:4@lid'])(
    'a message of %s belongs to the chat with its recipient',
    (from) => {
      const source = sourceOf(
        message({ from, recipient: '123@lid', peer_recipient_pn: '5511@s.whatsapp.net' }),
        ME,
      )

      expect(source).toMatchObject({
        chat: '123@lid',
        sender: from,
        fromMe: true,
        recipientAlt: '5511@s.whatsapp.net',
        senderAlt: '',
      })
    },
  )

  test('without a recipient it is a note to oneself', () => {
    expect(sourceOf(message({ from: ME.pn, category: 'peer' }), ME)).toMatchObject({
      chat: '5511988887777@s.whatsapp.net',
      fromMe: true,
    })
  })
})

describe('companions in the cloud', () => {
  const inGroup = (attrs: Record<string, string>) => sourceOf(message({ from: '1203@g.us', ...attrs }), ME)

  test.each(['lid', undefined])('have their phone in a group, with addressing_mode %s', (mode) => {
    const source = inGroup({
      participant: '123:99@hosted.lid',
      participant_pn: '5511@s.whatsapp.net',
      ...(mode && { addressing_mode: mode }),
    })

    expect(source).toMatchObject({ sender: '123:99@hosted.lid', senderAlt: '5511:99@s.whatsapp.net' })
  })

  test('have their LID in a group that goes by numbers', () => {
    const source = inGroup({
      participant: '5511:99@hosted',
      participant_lid: '123@lid',
      addressing_mode: 'pn',
    })

    expect(source).toMatchObject({ sender: '5511:99@hosted', senderAlt: '123:99@lid' })
  })

  test('of the own account are the own account', () => {
    const [user] = ME.lid.split(/[:@]/)

    expect(inGroup({ participant: `${user}:99@hosted.lid`, addressing_mode: 'lid' }).fromMe).toBe(true)
  })

  test('who are written to from another own device have their phone', () => {
    const source = sourceOf(
      message({ from: ME.pn, recipient: '123@hosted.lid', peer_recipient_pn: '5511@s.whatsapp.net' }),
      ME,
    )

    expect(source).toMatchObject({ fromMe: true, recipientAlt: '5511@s.whatsapp.net' })
  })
})

describe('groups and broadcasts', () => {
  test('the sender of a group message is the participant', () => {
    const source = sourceOf(
      message({
        from: '1203@g.us',
        participant: '5511:2@s.whatsapp.net',
        participant_lid: '123@lid',
        addressing_mode: 'pn',
      }),
      ME,
    )

    expect(source).toMatchObject({
      chat: '1203@g.us',
      sender: '5511:2@s.whatsapp.net',
      senderAlt: '123:2@lid',
      addressingMode: 'pn',
      isGroup: true,
      fromMe: false,
      broadcastRecipients: null,
    })
  })

  test('own group messages are known by either identity', () => {
    const source = sourceOf(message({ from: '1203@g.us', participant: '222222222222222:1@lid' }), ME)

    expect(source.fromMe).toBe(true)
  })

  test('an own message to a broadcast list names everybody who gets it', () => {
    const to = (attrs: Record<string, string>): BinaryNode => ({ tag: 'to', attrs })
    const source = sourceOf(
      message({ from: '77@broadcast', participant: ME.pn, recipient: ME.pn }, [
        {
          tag: 'participants',
          attrs: {},
          content: [
            to({ jid: '123@lid', peer_recipient_pn: '5511@s.whatsapp.net' }),
            to({ jid: '5512@s.whatsapp.net' }),
          ],
        },
      ]),
      ME,
    )

    expect(source).toMatchObject({
      chat: '77@broadcast',
      fromMe: true,
      isGroup: true,
      broadcastListOwner: ME.pn,
      broadcastRecipients: [
        { lid: '123@lid', pn: '5511@s.whatsapp.net' },
        { lid: '', pn: '5512@s.whatsapp.net' },
      ],
    })
  })
})

test('an answer of a bot belongs to the chat it was asked in', () => {
  const source = sourceOf(
    message({ from: '1313@bot' }, [{ tag: 'meta', attrs: { target_chat_jid: '1203@g.us' } }]),
    ME,
  )

  expect(source).toMatchObject({ chat: '1203@g.us', sender: '1313@bot' })
})

test('nobody is the account before it is linked', () => {
  const unlinked = { pn: '', lid: '' }

  expect(sourceOf(message({ from: '' }), unlinked).fromMe).toBe(false)
  expect(sourceOf(message({ from: '1203@g.us' }), unlinked).fromMe).toBe(false)
})
