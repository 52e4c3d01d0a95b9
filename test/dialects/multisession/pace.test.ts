import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { between, waitTurn } from '../../../src/dialects/multisession/shapes/pace.ts'
import { Multisession } from './messaging.ts'

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

test('nobody waits longer than half a minute for a turn', async () => {
  const server = await Multisession.start({
    env: {
      WHATSAPP_RATE_LIMIT_ENABLED: 'true',
      WHATSAPP_RATE_LIMIT_MSG_PER_MINUTE: '1',
      WHATSAPP_RATE_LIMIT_BURST_SIZE: '2',
    },
  })
  const { services } = server.app.parley
  const { user } = services.sessions.live(server.device.user.id)
  const scope = { user, services }

  try {
    await waitTurn(scope)
    await waitTurn(scope)

    await expect(waitTurn(scope)).rejects.toMatchObject({
      code: 'rate_limited',
      details: { retryAfterSeconds: 60 },
    })
  } finally {
    await server.close()
  }
})
