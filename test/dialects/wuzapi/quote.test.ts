import { describe, expect, test } from 'vitest'
import { messageContext } from '../../../src/dialects/wuzapi/shapes/quote.ts'

describe('what a message refers to', () => {
  test('is nothing without ContextInfo, whatever text is quoted', () => {
    expect(messageContext({ QuotedText: 'hi', QuotedMessage: { conversation: 'hi' } })).toEqual({})
  })

  test('is a message by id and participant', () => {
    const context = messageContext({ ContextInfo: { StanzaID: 'AA', Participant: '55@s.whatsapp.net' } })

    expect(context.quoted).toEqual({ id: 'AA', participant: '55@s.whatsapp.net', message: undefined })
  })

  test('quotes the message given, else the text given', () => {
    const ContextInfo = { StanzaID: 'AA', Participant: '55@s.whatsapp.net' }
    const message = { conversation: 'original' }

    expect(messageContext({ ContextInfo, QuotedText: 'x', QuotedMessage: message }).quoted?.message).toBe(
      message,
    )
    expect(messageContext({ ContextInfo, QuotedText: 'x' }).quoted?.message).toEqual({
      extendedTextMessage: { text: 'x' },
    })
  })

  test('needs both members of a reply; an empty one counts as given', () => {
    expect(() => messageContext({ ContextInfo: { StanzaID: '' } })).toThrow(
      'missing Participant in ContextInfo',
    )
    expect(() => messageContext({ ContextInfo: { Participant: 'x' } })).toThrow(
      'missing StanzaID in ContextInfo',
    )
  })

  test('may be mentions and a forward alone', () => {
    expect(
      messageContext({ ContextInfo: { MentionedJID: ['55@s.whatsapp.net'], IsForwarded: true } }),
    ).toEqual({ mentions: ['55@s.whatsapp.net'], forwarded: true })
  })
})
