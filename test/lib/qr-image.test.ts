import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { qrImage } from '../../src/lib/text/qr-image.ts'
import { qrText } from '../helpers/qr-text.ts'

test('draws a square PNG of 256 pixels', async () => {
  const image = await qrImage('2@abc,def,ghi')

  const bytes = Buffer.from(image.replace('data:image/png;base64,', ''), 'base64')
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([256, 256])
})

test('shows nothing for no code', async () => {
  expect(await qrImage('')).toBe('')
})

test('what it draws can be read again', async () => {
  const key = () => randomBytes(32).toString('base64')
  for (const text of [
    '1',
    '2@abc,def,ghi',
    'ABC 123',
    `2@${key()}${key()}${key()},${key()},${key()},${key()},1`,
  ])
    expect(await qrText(await qrImage(text))).toBe(text)
})
