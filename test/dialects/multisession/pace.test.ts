import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { between } from '../../../src/dialects/multisession/shapes/pace.ts'

test('times are read as the document writes them', () => {
  const { typingMinMs, typingMaxMs, readMaxMs, setMessagesAsSeen } = loadConfig({
    WHATSAPP_TYPING_DELAY_MIN: '1.5s',
    WHATSAPP_READ_RECEIPT_DELAY_MAX: '250ms',
    WHATSAPP_AUTO_MARK_READ: 'true',
  })

  expect([typingMinMs, typingMaxMs, readMaxMs]).toEqual([1_500, 3_000, 250])
  expect(setMessagesAsSeen).toBe(true)
  expect(() => loadConfig({ WHATSAPP_TYPING_DELAY_MIN: 'soon' })).toThrow('WHATSAPP_TYPING_DELAY_MIN')
  expect(() => loadConfig({ WHATSAPP_TYPING_DELAY_MAX: '1000m' })).toThrow('WHATSAPP_TYPING_DELAY_MAX')
})

test('a moment lies between its bounds', () => {
  expect(between(100, 300, () => 0.5)).toBe(200)
  expect(between(300, 100, () => 0.5)).toBe(300)
})
