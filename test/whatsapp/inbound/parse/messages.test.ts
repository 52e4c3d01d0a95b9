import { describe, expect, test } from 'vitest'
import { unwrapMessage } from '../../../../src/events/unwrap.ts'
import { messageEvents, type ReceivedMessage } from '../../../../src/whatsapp/inbound/parse/messages.ts'
import { proto } from '../../../../src/whatsapp/library/engine.ts'

const ME = { pn: '5511988887777:12@s.whatsapp.net', lid: '222222222222222:12@lid' }

function row(overrides: Partial<ReceivedMessage> & { message: { [key: string]: unknown } }): ReceivedMessage {
  const { message, ...rest } = overrides
  return {
    attrs: { id: 'A1', from: '123@lid', t: '1755795600', type: 'text', notify: 'Bob' },
    meta: [],
    encType: 'msg',
    encAttrs: { type: 'msg' },
    plaintext: proto.Message.encode(proto.Message.fromObject(message)).finish(),
    ...rest,
  }
}

describe('what the stanza says', () => {
  test('the retries and the label of the ciphertext are kept', () => {
    const [event] = messageEvents(
      row({
        message: { imageMessage: {} },
        encAttrs: { type: 'pkmsg', count: '2', mediatype: 'image' },
      }),
      ME,
    )

    expect(event).toMatchObject({ retryCount: 2, mediaType: 'image', timestamp: 1755795600, pushName: 'Bob' })
  })

  test('a file without a label gets the label its sender would have used', () => {
    const [event] = messageEvents(row({ message: { audioMessage: { ptt: true } } }), ME)

    expect(event?.mediaType).toBe('ptt')
  })

  test('hints about bots and threads are read', () => {
    const [event] = messageEvents(
      row({
        message: { conversation: 'x' },
        meta: [
          {
            tag: 'bot',
            attrs: { edit: 'last', edit_target_id: 'T', sender_timestamp_ms: '5' },
            content: null,
          },
          {
            tag: 'meta',
            attrs: { target_id: 'Q', deprecated_lid_session: 'true', thread_msg_id: 'TH' },
            content: null,
          },
          { tag: 'multicast', attrs: {}, content: null },
        ],
      }),
      ME,
    )

    expect(event).toMatchObject({
      bot: { editType: 'last', editTargetId: 'T', editSenderTimestampMs: 5 },
      meta: { targetId: 'Q', deprecatedLidSession: true, threadMessageId: 'TH' },
      multicast: true,
    })
  })

  test('the certificate of a business is decoded, one that cannot be read is ignored', () => {
    const details = proto.VerifiedNameCertificate.Details.encode({ verifiedName: 'Shop' }).finish()
    const certificate = proto.VerifiedNameCertificate.encode({ details }).finish()
    const withName = (content: Uint8Array) =>
      messageEvents(
        row({
          message: { conversation: 'x' },
          meta: [
            {
              tag: 'verified_name',
              attrs: { v: '1', verified_level: 'high' },
              content: Buffer.from(content).toString('base64'),
            },
          ],
        }),
        ME,
      )[0]?.verifiedName

    expect(withName(certificate)).toMatchObject({
      details: { verifiedName: 'Shop' },
      level: 'high',
      version: 1,
    })
    expect(withName(Buffer.from([0xff, 0xff]))).toBeNull()
  })

  test('keys that the own phone hands over are told of without the keys', () => {
    const secret = Buffer.from('a key of shared settings')
    const keys = [{ keyId: { keyId: Buffer.from('id') }, keyData: { keyData: secret, timestamp: 5 } }]
    const shared = row({ message: { protocolMessage: { type: 6, appStateSyncKeyShare: { keys } } } })

    const [event] = messageEvents(shared, ME)

    expect(event?.raw).toMatchObject({
      protocolMessage: { appStateSyncKeyShare: { keys: [{ keyData: { timestamp: 5 } }] } },
    })
    expect(JSON.stringify(event)).not.toContain(secret.toString('base64'))
  })

  test('bytes that are no message throw, so that the row is set aside', () => {
    const broken = { ...row({ message: {} }), plaintext: Buffer.from([0xff, 0xff, 0xff]) }

    expect(() => messageEvents(broken, ME)).toThrow()
  })
})

describe('messages the phone sends again', () => {
  const web = proto.WebMessageInfo.encode({
    key: { remoteJid: '1203@g.us', participant: '123@lid', id: 'LOST', fromMe: false },
    message: { conversation: 'found' },
    messageTimestamp: 1755795000,
    pushName: 'Bob',
  }).finish()
  const answer = {
    protocolMessage: {
      type: 17,
      peerDataOperationRequestResponseMessage: {
        stanzaId: 'REQ',
        peerDataOperationResult: [{ placeholderMessageResendResponse: { webMessageInfoBytes: web } }],
      },
    },
  }

  test('come out after the answer, as messages of their senders', () => {
    const events = messageEvents(
      row({ message: answer, attrs: { id: 'P', from: ME.pn, category: 'peer', t: '1755795600' } }),
      ME,
    )

    expect(events).toHaveLength(2)
    expect(events[1]).toMatchObject({
      id: 'LOST',
      chat: '1203@g.us',
      sender: '123@lid',
      isGroup: true,
      fromMe: false,
      stanzaType: 'text',
      raw: { conversation: 'found' },
      unavailableRequestId: 'REQ',
      timestamp: 1755795000,
    })
    expect(events[1]?.sourceWebMessage).toMatchObject({ key: { id: 'LOST' }, pushName: 'Bob' })
  })

  test('are not believed from anybody but the own phone', () => {
    expect(messageEvents(row({ message: answer }), ME)).toHaveLength(1)
    expect(
      messageEvents(
        row({ message: answer, attrs: { id: 'P', from: '123@lid', category: 'peer', t: '1' } }),
        ME,
      ),
    ).toHaveLength(1)
  })
})

describe('wrappers', () => {
  test('are taken off from the outside in, each leaving its mark', () => {
    const unwrapped = unwrapMessage({
      deviceSentMessage: {
        destinationJid: '123@lid',
        phash: '2:abc',
        message: {
          ephemeralMessage: {
            message: { viewOnceMessageV2Extension: { message: { audioMessage: { ptt: true } } } },
          },
        },
      },
    })

    expect(unwrapped).toMatchObject({
      message: { audioMessage: { ptt: true } },
      deviceSent: { destinationJid: '123@lid', phash: '2:abc' },
      isEphemeral: true,
      isViewOnce: true,
      isViewOnceV2: true,
      isViewOnceV2Extension: true,
      isEdit: false,
    })
  })

  test('give their context to what is inside, there and in the whole', () => {
    const raw = {
      ephemeralMessage: { message: { conversation: 'x' } },
      messageContextInfo: { messageSecret: 'AA==' },
    }

    const unwrapped = unwrapMessage(raw)

    expect(unwrapped.message).toEqual({ conversation: 'x', messageContextInfo: { messageSecret: 'AA==' } })
    expect(unwrapped.raw).toEqual({ ...raw, ephemeralMessage: { message: unwrapped.message } })
    expect(raw.ephemeralMessage.message).toEqual({ conversation: 'x' })
  })

  test('without content are left alone', () => {
    const raw = { ephemeralMessage: {}, viewOnceMessage: { message: [] } }

    expect(unwrapMessage(raw).message).toBe(raw)
  })
})
