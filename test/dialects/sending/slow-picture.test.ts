import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataUrl, picture } from '../../helpers/media.ts'
import { Dialects } from './dialects.ts'

let all: Dialects
beforeAll(async () => {
  all = await Dialects.start()
})
afterAll(() => all.close())

// In a file of its own: a media server that was found once is not asked for again.
test('a large picture that is not uploaded soon does not hold up the card', async () => {
  await all.app.sandbox('POST', '/faults', { kind: 'ignore-query', xmlns: 'w:m' })
  const card = { Text: 'see https://example.com', MatchedURL: 'https://example.com', Title: 'Example' }
  const Image = dataUrl('image/jpeg', await picture('jpeg', [1600, 800]))
  const since = performance.now()

  const { extendedTextMessage } = await all.shown(
    await all.wago('/send/preview', { Phone: all.contact, ...card, Image }),
  )

  expect(performance.now() - since).toBeLessThan(15_000)
  expect(extendedTextMessage).toMatchObject({ title: 'Example', jpegThumbnail: expect.any(String) })
  expect(extendedTextMessage).not.toHaveProperty('thumbnailDirectPath')
})
