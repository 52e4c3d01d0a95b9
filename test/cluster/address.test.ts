import { isIPv4 } from 'node:net'
import { expect, test } from 'vitest'
import { internalAddress, internalPlace } from '../../src/cluster/address.ts'

test('a node that listens on one address is reached there', () => {
  const place = { host: '10.0.0.5', nodePort: 0 }

  expect(internalPlace(place)).toEqual({ host: '10.0.0.5', port: 0 })
  expect(internalAddress(place, 4321)).toBe('http://10.0.0.5:4321')
  expect(internalAddress({ ...place, host: '::1' }, 4321)).toBe('http://[::1]:4321')
})

test('a node that listens everywhere is reached at an address of its machine', () => {
  const { hostname, port } = new URL(internalAddress({ host: '0.0.0.0', nodePort: 0 }, 4321))

  expect(isIPv4(hostname)).toBe(true)
  expect(hostname).not.toBe('0.0.0.0')
  expect(port).toBe('4321')
})

test('an address that was told wins, and then every interface is listened on', () => {
  const place = { host: '127.0.0.1', nodePort: 8081, nodeAddress: 'http://node-1.example:9000' }

  expect(internalPlace(place)).toEqual({ host: '0.0.0.0', port: 8081 })
  expect(internalAddress(place, 8081)).toBe('http://node-1.example:9000')
  expect(internalAddress({ ...place, nodePort: 0 }, 4321)).toBe('http://node-1.example:4321')
})

test('workers count up from the port and from the address', () => {
  const place = { host: '0.0.0.0', nodePort: 8081, nodeAddress: 'http://10.0.0.5:9000' }

  expect(internalPlace(place, 3).port).toBe(8083)
  expect(internalAddress(place, 8083)).toBe('http://10.0.0.5:9002')
})
