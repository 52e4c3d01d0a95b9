import { expect, test } from 'vitest'
import { askForDays } from '../../../src/whatsapp/inbound/history-days.ts'
import {
  DEFAULT_CONNECTION_CONFIG,
  generateRegistrationNode,
  initAuthCreds,
  proto,
  type SocketConfig,
} from '../../../src/whatsapp/library/engine.ts'

const creds = initAuthCreds()
// The registration uses none of the options the default leaves open.
const config = DEFAULT_CONNECTION_CONFIG as SocketConfig

/** What the library writes about this device when it registers. */
function registeredProps(): proto.DeviceProps {
  const written = proto.ClientPayload.encode(generateRegistrationNode(creds, config)).finish()
  const { devicePairingData } = proto.ClientPayload.decode(written)
  return proto.DeviceProps.decode(devicePairingData?.deviceProps ?? new Uint8Array())
}

test('a device that wants the history of some days says so when it registers', () => {
  askForDays(creds.signedIdentityKey.public, 30)

  const { requireFullSync, historySyncConfig, os } = registeredProps()

  expect(requireFullSync).toBe(true)
  expect(historySyncConfig).toMatchObject({ fullSyncDaysLimit: 30, inlineInitialPayloadInE2EeMsg: true })
  expect(os).toBe(config.browser[0])
})

test('a device that does not care registers as the library does', () => {
  askForDays(creds.signedIdentityKey.public, 0)

  expect(registeredProps().historySyncConfig?.fullSyncDaysLimit).toBeFalsy()
})
