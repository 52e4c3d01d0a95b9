import { describe, expect, test } from 'vitest'
import { deriveMediaKeys, deriveSsrc, deviceJidForKeys } from '../../src/calls/keys.ts'
import { A, B, callId, callKey } from './call-values.ts'

describe('the keys of a call', () => {
  test.each([
    {
      jid: A,
      key: 'b59a3eda1e6c8024f437e61c004e187a',
      salt: 'e30680bdad4b7977a85822dcc804',
      auth: 'ec0fbdac3b9f70e287e3667501c54ee445f9caa1',
    },
    {
      jid: B,
      key: 'b70b6c2f2c84f18b22ecefb91b8b9ff1',
      salt: '67a5e032dde23915cef2115744b3',
      auth: '8eec047072d69f150cb352007cb560428cfd1516',
    },
  ])('those of the audio of $jid', ({ jid, key, salt, auth }) => {
    const { rtp } = deriveMediaKeys(callKey, jid)

    expect(rtp.key.toString('hex')).toBe(key)
    expect(rtp.salt.toString('hex')).toBe(salt)
    expect(rtp.auth.toString('hex')).toBe(auth)
  })

  test('those of the reports', () => {
    const { rtcp } = deriveMediaKeys(callKey, A)

    expect(rtcp.key.toString('hex')).toBe('551e67b3d54cceb643fd6481c953115f')
    expect(rtcp.salt.toString('hex')).toBe('668a342140e9f9514ce37e6341e8')
    expect(rtcp.auth.toString('hex')).toBe('977db828c0cc3641d678bec97106ee5dbfc35e3f')
  })

  test('the number of a stream', () => {
    expect(deriveSsrc(callId, A, 0)).toBe(0x262cc27e)
    expect(deriveSsrc(callId, B, 0)).toBe(0x81020aaa)
  })

  test('a person stands for the first device, and nothing else is changed', () => {
    expect(deviceJidForKeys('200000000000002@lid')).toBe(B)
    expect(deriveMediaKeys(callKey, '200000000000002@lid')).toEqual(deriveMediaKeys(callKey, B))
    expect(deviceJidForKeys(A)).toBe(A)
    expect(deviceJidForKeys('491510000001@s.whatsapp.net')).toBe('491510000001@s.whatsapp.net')
  })

  test('a key of another length is refused', () => {
    expect(() => deriveMediaKeys(callKey.subarray(1), A)).toThrow(RangeError)
  })
})
