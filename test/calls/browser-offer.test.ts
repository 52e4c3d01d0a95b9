import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { openBrowserBridge } from '../../src/calls/bridge.ts'
import { checkOffer, withPublicAddress } from '../../src/calls/browser-offer.ts'

const AUDIO = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111']
const OPUS = 'a=rtpmap:111 opus/48000/2'

function candidate(address: string, transport = 'udp'): string {
  return `a=candidate:1 1 ${transport} 2122260223 ${address} 50000 typ host`
}

/** Addresses that are left of those offered. */
function tried(...candidates: string[]): string[] {
  const sdp = checkOffer([...AUDIO, OPUS, ...candidates].join('\r\n'))
  return sdp
    .split('\r\n')
    .flatMap((line) => (line.startsWith('a=candidate:') ? [line.split(' ')[4] ?? ''] : []))
}

const bridges: { close(): Promise<void> }[] = []

afterEach(async () => {
  for (const bridge of bridges.splice(0)) await bridge.close()
})

describe('what a browser offers', () => {
  test.each([
    ['nothing', ''],
    ['what is no description', 'hello'],
    ['no audio', AUDIO.slice(0, 4).join('\n')],
    ['audio without Opus', [...AUDIO, 'a=rtpmap:0 PCMU/8000'].join('\n')],
    ['two lines', [...AUDIO, OPUS, 'm=audio 9 UDP/TLS/RTP/SAVPF 111'].join('\n')],
    ['a picture', [...AUDIO, OPUS, 'm=video 9 UDP/TLS/RTP/SAVPF 96'].join('\n')],
    ['more than 64 kB', [...AUDIO, OPUS, `a=x:${'x'.repeat(65_536)}`].join('\n')],
  ])('%s is refused', (_what, sdp) => {
    expect(() => checkOffer(sdp)).toThrow(expect.objectContaining({ code: 'invalid_field' }))
  })

  test('addresses that nobody may have us send to, and names, are not tried', () => {
    const offered = ['192.168.1.2', '169.254.169.254', '224.0.0.1', '168.63.129.16', 'a-b.local', 'fe80::1']

    expect(tried(...offered.map((address) => candidate(address)))).toEqual(['192.168.1.2'])
    expect(tried(candidate('192.168.1.2', 'tcp'))).toEqual([])
  })

  test('twenty are tried', () => {
    const offered = Array.from({ length: 30 }, (_, at) => candidate(`10.0.0.${at + 1}`))

    expect(tried(...offered)).toHaveLength(20)
  })

  test('the public address stands in the place of those of this machine, once for each port', () => {
    const answer = [candidate('172.17.0.2'), candidate('10.0.0.2'), 'a=end-of-candidates'].join('\r\n')

    expect(withPublicAddress(answer, '203.0.113.7')).toBe(
      [candidate('203.0.113.7'), 'a=end-of-candidates'].join('\r\n'),
    )
  })

  test('what cannot be answered is refused, whatever it is', async () => {
    const lines = fc.array(
      fc.constantFrom(...AUDIO, OPUS, 'a=mid:0', 'a=setup:active', 'a=ice-ufrag:x', 'c=', 'a='),
    )
    await fc.assert(
      fc.asyncProperty(lines, async (given) => {
        const sdp = ['v=0', ...given, AUDIO[4], OPUS].join('\r\n')
        await openBrowserBridge({ sdp, network: {}, onGone: () => {} }).then(
          (bridge) => bridges.push(bridge),
          (error) => expect(error).toMatchObject({ code: 'invalid_field' }),
        )
      }),
      { numRuns: 20 },
    )
  })
})
