import { describe, expect, test } from 'vitest'
import { type RenderContext, type RenderedMedia, renderEvent } from '../../../src/delivery/renderer.ts'
import { goStringify } from '../../../src/dialects/shared/go/stringify.ts'
import { encodeDelivery } from '../../../src/dialects/wuzapi/events/delivery.ts'
import { eventRenderers } from '../../../src/dialects/wuzapi/events/events.ts'
import type { Event } from '../../../src/events/event.ts'
import type { User } from '../../../src/store/users/users.ts'
import { stanzaEvents } from '../../../src/whatsapp/inbound/parse/stanza.ts'
import { sampleUser } from '../../helpers/users.ts'
import { eventScenarios } from './event-scenarios.ts'
import { ME, messageScenarios, receivedMessage } from './message-scenarios.ts'
import { deliverySamples, eventSamples } from './samples.ts'
import { callScenarios, stanzaScenarios } from './stanza-scenarios.ts'

const user = sampleUser({ id: '0123456789abcdef0123456789abcdef', name: 'My inst' })
const context: RenderContext = { user, timeZone: 'America/Sao_Paulo' }
const withS3: User = { ...user, mediaDelivery: 's3', s3: { ...user.s3, enabled: true } }

const jpeg = Buffer.from('/9j/4AAQSkZJRgABAQAAAQABAAD/2w==', 'base64')
const bucket = (
  kind: string,
  file: string,
  size: number,
  mimeType: string,
  fileName: string,
): RenderedMedia['s3'] => {
  const key = `users/${user.id}/inbox/123456789012345_lid/2026/08/07/${kind}/${file}`
  return { bucket: 'wa', key, url: `https://media.example.com/wa/${key}`, size, mimeType, fileName }
}
const imageInBucket = bucket(
  'images',
  '3EB06F9067F80BAB89FF.jpg',
  245632,
  'image/jpeg',
  '3EB06F9067F80BAB89FF.jpe',
)
const videoInBucket = bucket('videos', '3EB01DE0.mp4', 1234567, 'video/mp4', '3EB01DE0.f4v')
const base64 = (user: User, file: string): RenderContext => ({
  user: { ...user, mediaDelivery: 'base64' },
  timeZone: context.timeZone,
  media: { bytes: Buffer.from(file, 'base64') },
})

// The files of the samples, as the media step would have fetched them.
const mediaContexts: Record<string, RenderContext> = {
  imgb64: { ...context, user: { ...user, mediaDelivery: 'base64' }, media: { bytes: jpeg } },
  'img-s3': { ...context, user: withS3, media: { s3: imageInBucket } },
  'img-both': {
    ...context,
    user: { ...withS3, mediaDelivery: 'both' },
    media: { bytes: jpeg, s3: imageInBucket },
  },
  audio: base64(user, 'T2dnUwACAAAAAAAAAAA='),
  document: base64(user, 'JVBERi0xLjcK'),
  video: { ...context, user: withS3, media: { s3: videoInBucket } },
  sticker: base64(user, 'UklGRgQAAABXRUJQ'),
}

const pollVote = {
  pollId: '3EB0POLL',
  selectedHashes: ['8SlYgWpJrfosbI3o3SFEwWPpLF43Xelk1TMYfH0jbDY='],
  selectedOptions: ['Pizza'],
}

function eventOf(name: string): Event {
  const scenario = messageScenarios[name]
  if (scenario) return { ...receivedMessage(scenario), ...(name === 'pollvote' && { pollVote }) }
  const stanza = stanzaScenarios[name] ?? callScenarios[name]
  const event = stanza ? stanzaEvents(stanza, ME)[0] : eventScenarios[name]
  if (!event) throw new Error(`no scenario for the sample ${name}`)
  return event
}

/** The event as the outbox finds it again: it has been text in between. */
async function rendered(name: string): Promise<{ name: string; payload: object }> {
  const stored: Event = JSON.parse(JSON.stringify(eventOf(name)))
  const result = await renderEvent(eventRenderers, stored, mediaContexts[name] ?? context)
  if (!result) throw new Error(`${name} is not rendered`)
  return result
}

describe('event JSON', () => {
  const exact = eventSamples.filter(({ name }) => !(name in callScenarios))

  test.each(exact)('$name is written byte for byte as the original does', async ({ name, jsonData }) => {
    const { payload } = await rendered(name)

    expect(goStringify(payload)).toBe(jsonData)
  })

  const calls = eventSamples.filter(({ name }) => name in callScenarios)

  test.each(calls)('$name has the members of the original', async ({ name, jsonData }) => {
    const { payload } = await rendered(name)

    const sample = JSON.parse(jsonData)
    const ours = JSON.parse(goStringify(payload))
    expect({ ...ours, event: { ...ours.event, Data: null } }).toEqual({
      ...sample,
      event: { ...sample.event, Data: null },
    })
    expect(Object.keys(ours.event)).toEqual(Object.keys(sample.event))
    expect(ours.event.Data.Tag).toBe(sample.event.Data.Tag)
    expect(ours.event.Data.Content).toEqual(sample.event.Data.Content)
  })

  test.each(eventSamples)('the name of $name is its type', async ({ name, jsonData }) => {
    const result = await rendered(name)

    expect(result.name).toBe(JSON.parse(jsonData).type)
  })
})

describe('deliveries', () => {
  test.each(deliverySamples)(
    '$name in $mode mode has the body and signature of the original',
    async (sample) => {
      const { body, headers } = encodeDelivery(await rendered(sample.name), {
        user,
        format: sample.mode,
        hmacKey: sample.hmacKey,
      })

      expect(body).toBe(sample.body)
      expect(headers['x-hmac-signature']).toBe(sample['x-hmac-signature'])
      expect(headers['Content-Type']).toBe(sample.contentType)
    },
  )
})
