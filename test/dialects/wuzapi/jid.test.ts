import { describe, expect, test } from 'vitest'
import { formatJid, parseLibraryJid } from '../../../src/dialects/shared/whatsmeow/jid.ts'
import { parseJid, recipient } from '../../../src/dialects/wuzapi/shapes/jid.ts'

describe('the library parser', () => {
  test.each([
    ['5491155554444@s.whatsapp.net', '5491155554444@s.whatsapp.net'],
    ['5491155554444.0:52@s.whatsapp.net', '5491155554444:52@s.whatsapp.net'],
    ['5491155554444:52@s.whatsapp.net', '5491155554444:52@s.whatsapp.net'],
    ['5491155554444:0@s.whatsapp.net', '5491155554444@s.whatsapp.net'],
    ['5491155554444.1@s.whatsapp.net', '5491155554444.1:0@s.whatsapp.net'],
    ['5491155554444.1:3@s.whatsapp.net', '5491155554444.1:3@s.whatsapp.net'],
    ['120362023605733675@g.us', '120362023605733675@g.us'],
    ['5491155554444', '5491155554444'],
    ['@g.us', 'g.us'],
    ['', ''],
  ])('reads %j as %j', (text, printed) => {
    expect(formatJid(parseLibraryJid(text))).toBe(printed)
  })

  test('takes a text without @ for a server', () => {
    expect(parseLibraryJid('g.us')).toEqual({ user: '', agent: 0, device: 0, server: 'g.us' })
  })

  test.each([
    ['a.b.c@s.whatsapp.net', 'unexpected number of dots in JID'],
    ['1:2:3@s.whatsapp.net', 'unexpected number of colons in JID'],
    ['1.0:2:3@s.whatsapp.net', 'unexpected number of colons in JID'],
    ['1:x@s.whatsapp.net', 'failed to parse device from JID: strconv.ParseUint: parsing "x": invalid syntax'],
    [
      '1:65536@s.whatsapp.net',
      'failed to parse device from JID: strconv.ParseUint: parsing "65536": value out of range',
    ],
    [
      '1.256:1@s.whatsapp.net',
      'failed to parse device from JID: strconv.ParseUint: parsing "256": value out of range',
    ],
  ])('refuses %j', (text, sentence) => {
    expect(() => parseLibraryJid(text)).toThrow(sentence)
  })
})

describe('parseJid', () => {
  test.each([
    ['5491155554444', '5491155554444@s.whatsapp.net'],
    ['+5491155554444', '5491155554444@s.whatsapp.net'],
    ['5491155554444.0:1@s.whatsapp.net', '5491155554444:1@s.whatsapp.net'],
    ['120362023605733675@g.us', '120362023605733675@g.us'],
    ['123456789-987654@g.us', '123456789-987654@g.us'],
    ['77@lid', '77@lid'],
  ])('reads %j as %j in both profiles', (text, jid) => {
    expect(parseJid(text, 'reference')).toBe(jid)
    expect(parseJid(text, 'current')).toBe(jid)
  })

  test.each(['', '+', '@s.whatsapp.net', 'a.b.c@s.whatsapp.net'])('fails for %j', (text) => {
    expect(parseJid(text, 'reference')).toBeUndefined()
    expect(parseJid(text, 'current')).toBeUndefined()
  })

  test('takes anything without @ for a phone number today, only digits originally', () => {
    expect(parseJid('+55 11-99', 'current')).toBe('55 11-99@s.whatsapp.net')
    expect(parseJid('+55 11-99', 'reference')).toBeUndefined()
  })
})

describe('the recipient of a send', () => {
  test('is a JID as it was given, or a bare identifier without plus', () => {
    expect(recipient(' 5491155554444@s.whatsapp.net ', 'current')).toBe('5491155554444@s.whatsapp.net')
    expect(recipient(' +5491155554444 ', 'current')).toBe('5491155554444')
  })

  test('must not be white space only', () => {
    expect(() => recipient('  ', 'current')).toThrow('Phone is empty')
  })

  test('must be readable when it has an @', () => {
    expect(() => recipient('a.b.c@s.whatsapp.net', 'current')).toThrow('could not parse Phone')
  })
})
