import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeWAMessage } from '../../../src/whatsapp/library/engine.ts'
import { type DeviceHost, deviceHost, type SignalDevice, signalDevice, stanza } from './signal-device.ts'

// A number becomes known under a LID while a message to the number is being stored: from then on its ratchet lies under the
// LID, and whoever writes to the LID must wait for the one who is still at it.
let host: DeviceHost
let anna: SignalDevice
let bert: SignalDevice
beforeEach(async () => {
  host = await deviceHost()
  anna = await signalDevice(host)
  bert = await signalDevice(host)
  await anna.meets({ ...bert, lid: bert.pn })
  await read('first', await send(bert.pn, 'first'))
  await anna.receives(stanza({ id: 'answer', from: bert.pn }, await bert.encrypts(anna.lid, 'answer')))
})
afterEach(async () => {
  await host.writer.idle()
  await host.temporary.close()
})

test('the next message to the LID waits until the ratchet is stored, and uses the next key', async () => {
  const { underWay, release } = holdNextRatchet()
  const one = send(bert.pn, 'one')
  await underWay
  await anna.repository.lidMapping.storeLIDPNMappings([{ lid: bert.lid, pn: bert.pn }])

  const two = send(bert.lid, 'two')
  release()

  expect(await read('1', await one)).toBe('one')
  expect(await read('2', await two)).toBe('two')
  expect(await read('3', await send(bert.lid, 'three'))).toBe('three')
})

test('nothing is left under the number that would come back later', async () => {
  const { underWay, release } = holdNextRatchet()
  const one = send(bert.pn, 'one')
  await underWay
  await anna.repository.lidMapping.storeLIDPNMappings([{ lid: bert.lid, pn: bert.pn }])

  const asked = anna.repository.getSessionInfo(bert.lid)
  release()
  await Promise.all([one, asked])

  const former = anna.repository.jidToSignalProtocolAddress(bert.pn)
  const address = anna.repository.jidToSignalProtocolAddress(bert.lid)
  expect(Object.keys(await anna.keys.get('session', [former, address]))).toEqual([address])
})

function send(to: string, text: string) {
  return anna.repository.encryptMessage({ jid: to, data: encodeWAMessage({ conversation: text }) })
}

function read(id: string, message: Awaited<ReturnType<typeof send>>): Promise<string> {
  return bert.receives(stanza({ id, from: anna.lid }, message))
}

/** Holds the next ratchet that is to be stored until it is released. */
function holdNextRatchet(): { underWay: Promise<void>; release: () => void } {
  const write = host.writer.write.bind(host.writer)
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let isHeld = false
  const underWay = new Promise<void>((resolve) => {
    host.writer.write = async (change, withinMs) => {
      if (!isHeld && change.values?.some(({ kind }) => kind === 'session')) {
        isHeld = true
        resolve()
        await released
      }
      return write(change, withinMs)
    }
  })
  return { underWay, release: () => release() }
}
