import { isIP } from 'node:net'
import { isRefusedAddress, type Networks } from '../media/fetch/address-rules.ts'

/** Why nothing may be sent to an address: it is not `https`, or not in a public network. */
export type AddressFault = 'scheme' | 'network'

const LOCAL_NAME = /^(.+\.)?localhost\.?$/

/**
 * What is wrong with an address for receivers that must be public and encrypted, as far as it can be seen without looking
 * its name up, which the connection does; nothing where any network is allowed.
 */
export function refusedAddress(address: string, networks: Networks): AddressFault | undefined {
  if (networks === 'any') return undefined
  if (!URL.canParse(address)) return 'scheme'
  const { protocol, hostname } = new URL(address)
  if (protocol !== 'https:') return 'scheme'
  const host = hostname.replace(/^\[|\]$/g, '')
  const isLocal = LOCAL_NAME.test(host) || (isIP(host) > 0 && isRefusedAddress(host, networks))
  return isLocal ? 'network' : undefined
}
