import { proto } from '../library/engine.ts'

/** How many days of history the device with this public key asks for. */
const wantedDays = new WeakMap<Uint8Array, number>()

/**
 * Makes the next linking of a device ask its phone for the history of the last `days` days; 0 leaves it at the phone's
 * own choice. `identityKey` is `creds.signedIdentityKey.public`, the very object.
 */
export function askForDays(identityKey: Uint8Array, days: number): void {
  if (days > 0) wantedDays.set(identityKey, days)
  else wantedDays.delete(identityKey)
}

// The library offers only "all there is" and builds the registration out of reach, so it is completed on its way out.
const encode = proto.ClientPayload.encode
proto.ClientPayload.encode = (payload, writer) => encode(withDays(payload), writer)

function withDays(payload: proto.IClientPayload): proto.IClientPayload {
  const { devicePairingData } = payload
  const days = devicePairingData?.eIdent && wantedDays.get(devicePairingData.eIdent)
  if (!days || !devicePairingData.deviceProps) return payload
  const props = proto.DeviceProps.decode(devicePairingData.deviceProps)
  const deviceProps = proto.DeviceProps.encode({
    ...props,
    requireFullSync: true,
    historySyncConfig: { ...props.historySyncConfig, fullSyncDaysLimit: days },
  }).finish()
  return { ...payload, devicePairingData: { ...devicePairingData, deviceProps } }
}
