import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../helpers/app.ts'
import { Dialects, sentenceOf } from './dialects.ts'

let all: Dialects
beforeAll(async () => {
  all = await Dialects.start()
})
afterAll(() => all.close())

const START = 1_900_000_000
const iso = (seconds: number) => new Date(seconds * 1000).toISOString()

/** An event in the words of each dialect. */
const dialects: [string, (to: string, changes?: object) => Promise<[number, Answer['json']]>][] = [
  [
    'wuzapi',
    (Phone, changes) =>
      all.wuzapi('/chat/send/event', {
        Phone,
        Name: 'Summer party',
        Description: 'Bring salad',
        StartTime: START,
        EndTime: START + 3600,
        Location: { Name: 'The old bridge' },
        JoinLink: 'https://call.whatsapp.com/video/abc',
        ExtraGuestsAllowed: true,
        ...changes,
      }),
  ],
  [
    'wago-api',
    (to, changes) =>
      all.wagoApi('/client/sendMessage', {
        chatId: to.includes('@') ? to : `${to}@s.whatsapp.net`,
        contentType: 'ScheduledEvent',
        content: {
          name: 'Summer party',
          startTime: iso(START),
          options: {
            description: 'Bring salad',
            endTime: START + 3600,
            location: 'The old bridge',
            joinLink: 'https://call.whatsapp.com/video/abc',
            extraGuestsAllowed: true,
          },
          ...changes,
        },
      }),
  ],
]

describe.each(dialects)('an event of %s', (_name, send) => {
  test.each(['a person', 'a group'])('is shown to %s', async (whom) => {
    const message = await all.shown(await send(whom === 'a group' ? all.group : all.contact))

    expect(message.eventMessage).toEqual({
      name: 'Summer party',
      description: 'Bring salad',
      startTime: String(START),
      endTime: String(START + 3600),
      location: { name: 'The old bridge' },
      joinLink: 'https://call.whatsapp.com/video/abc',
      isScheduleCall: true,
      extraGuestsAllowed: true,
      isCanceled: false,
    })
    expect(Buffer.from(message.messageContextInfo.messageSecret, 'base64')).toHaveLength(32)
  })
})

test('an event may have no more than a name and a start, or a place on the map', async () => {
  const small = await all.shown(
    await all.wuzapi('/chat/send/event', { Phone: all.contact, Name: 'Tea', StartTime: START }),
  )
  const placed = await all.shown(
    await all.wuzapi('/chat/send/event', {
      Phone: all.contact,
      Name: 'Tea',
      StartTime: START,
      Location: { Latitude: 0, Longitude: 10.5 },
    }),
  )

  expect(small.eventMessage).toEqual({
    name: 'Tea',
    startTime: String(START),
    extraGuestsAllowed: false,
    isCanceled: false,
  })
  expect(placed.eventMessage.location).toEqual({ degreesLatitude: 0, degreesLongitude: 10.5 })
})

describe.each([
  ['no name', { Name: '' }, { name: '' }, /^missing Name in Payload|content.name is required$/],
  [
    'a long name',
    { Name: 'x'.repeat(101) },
    { name: 'x'.repeat(101) },
    /ame is too long: at most 100 characters/,
  ],
  [
    'no start',
    { StartTime: undefined },
    { startTime: undefined },
    /^missing StartTime in Payload|content.startTime is required$/,
  ],
  [
    'milliseconds',
    { StartTime: START * 1000 },
    { startTime: START * 1000 },
    /start of an event is an instant in unix seconds/i,
  ],
  [
    'a start that is none',
    { StartTime: -1 },
    { startTime: 'soon' },
    /start of an event is an instant in unix seconds/i,
  ],
  [
    'an end before the start',
    { EndTime: START - 1 },
    { options: { endTime: START - 1 } },
    /event ends after its start/i,
  ],
  [
    'a link that is none',
    { JoinLink: 'javascript:1' },
    { options: { joinLink: 'javascript:1' } },
    /link of an event is an http/i,
  ],
])('an event with %s is refused', (_what, wuzapi, wagoApi, sentence) => {
  test.each(dialects)('by %s', async (name, send) => {
    const before = (await all.app.received(all.contact)).length

    const [status, json] = await send(all.contact, name === 'wuzapi' ? wuzapi : wagoApi)

    expect([status, sentenceOf(json)]).toEqual([400, expect.stringMatching(sentence)])
    expect(await all.app.received(all.contact)).toHaveLength(before)
  })
})

test('wago-api refuses an event whose end is no instant', async () => {
  const content = { name: 'Tea', startTime: START, options: { endTime: 'when we are done' } }

  const [status, json] = await all.wagoApi('/client/sendMessage', {
    chatId: all.contact,
    contentType: 'ScheduledEvent',
    content,
  })

  expect([status, sentenceOf(json)]).toEqual([400, expect.stringMatching(/event ends after its start/i)])
})

test.each([
  [{ Phone: '12345@newsletter' }, /event is sent to a person or a group/i],
  [{ Location: { Name: '' } }, /missing Name in Location/],
  [{ Location: { Name: 'Here', Latitude: 5 } }, /missing Longitude in Location/],
  [{ Location: { Name: 'Here', Longitude: 5 } }, /missing Latitude in Location/],
  [{ Location: { Latitude: 91, Longitude: 0 } }, /latitude is between/i],
  [{ StartTime: '2030-01-01' }, /could not decode Payload/],
])('wuzapi refuses an event with %j', async (changes, sentence) => {
  const event = { Phone: all.contact, Name: 'Tea', StartTime: START, ...changes }

  const [status, json] = await all.wuzapi('/chat/send/event', event)

  expect([status, sentenceOf(json)]).toEqual([400, expect.stringMatching(sentence)])
})
