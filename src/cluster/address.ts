import { networkInterfaces } from 'node:os'

/** What a node is told about where it is. */
export interface NodePlace {
  /** Where the public port listens. */
  host: string
  /** The internal port, 0 for a free one. */
  nodePort: number
  /** Where the other nodes reach that port, if not at this machine's own address. */
  nodeAddress?: string
}

const EVERYWHERE = ['0.0.0.0', '::', '']

/** Where the internal port listens: not beyond the public one, unless the others are told to look elsewhere. */
export function internalPlace(
  { host, nodePort, nodeAddress }: NodePlace,
  worker = 1,
): { host: string; port: number } {
  return {
    host: nodeAddress === undefined ? host : '0.0.0.0',
    port: nodePort === 0 ? 0 : nodePort + worker - 1,
  }
}

/** Where the other nodes reach the internal port that listens at `port`. */
export function internalAddress({ host, nodePort, nodeAddress }: NodePlace, port: number): string {
  const told = nodeAddress === undefined ? undefined : new URL(nodeAddress)
  if (!told) return originOf(EVERYWHERE.includes(host) ? ownAddress() : host, port)
  // The address may be that of a forwarded port; workers count up from it as they do from the port itself.
  const first = Number(told.port || 80)
  return originOf(told.hostname, nodePort === 0 ? port : first + port - nodePort)
}

function originOf(host: string, port: number): string {
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`
}

/** In a container network the names of machines often mean nothing to the others, addresses do. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}
