import { pino } from 'pino'
import { expect, test } from 'vitest'
import { loadCalls } from '../../src/app/load-calls.ts'
import { ConfigError, loadConfig } from '../../src/config/config.ts'
import { createFfmpeg } from '../../src/media/convert/ffmpeg.ts'

test('the media of calls are there when they are wanted, and say what they are', async () => {
  const lines: string[] = []
  const parts = {
    ffmpeg: createFfmpeg('ffmpeg'),
    log: pino({}, { write: (line: string) => lines.push(line) }),
  }

  expect(await loadCalls(loadConfig({}), parts)).toBeUndefined()
  expect(lines).toEqual([])
  const engine = await loadCalls(loadConfig({ CALLS: 'on' }), parts)
  await engine?.stop()

  expect(engine?.size).toBe(0)
  expect(lines.join()).toContain('voice calls are experimental')
})

test('ports of calls are a range', () => {
  expect(loadConfig({ CALL_UDP_PORTS: '40000-40099' }).callUdpPorts).toEqual([40_000, 40_099])
  for (const wrong of ['40000', '40099-40000', '0-10', '1-70000', '5-5', 'a-b'])
    expect(() => loadConfig({ CALL_UDP_PORTS: wrong })).toThrow(ConfigError)
})

test('the public address of calls is an address', () => {
  expect(loadConfig({ CALL_PUBLIC_IP: '203.0.113.7' }).callPublicIp).toBe('203.0.113.7')
  expect(() => loadConfig({ CALL_PUBLIC_IP: 'example.org' })).toThrow(
    'CALL_PUBLIC_IP must be an IPv4 address',
  )
})
