import * as http from 'node:http'
import * as https from 'node:https'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { isRefusedAddress, type Networks } from './address-rules.ts'
import { FetchError, guardedLookup } from './safe-fetch.ts'
import { basicAuthorization, credentialsOf } from './url-credentials.ts'

/** A proxy and the networks in which it may be. What it reaches itself is the business of whoever runs it. */
export interface ProxyServer {
  url: URL
  networks: Networks
}

/** Host and port of the other end; a name is looked up by the proxy. */
export interface TunnelTarget {
  host: string
  port: number
}

const CONNECT_TIMEOUT_MS = 20_000
const DEFAULT_PORTS: Record<string, number> = {
  'http:': 80,
  'https:': 443,
  'socks5:': 1080,
  'socks5h:': 1080,
}

/** The proxy at an address (`http`, `https`, `socks5` or `socks5h`). Throws FetchError when it cannot be used. */
export function parseProxy(address: string, networks: Networks): ProxyServer {
  if (!URL.canParse(address))
    throw new FetchError('bad_address', 'the address of the proxy is not an address')
  const url = new URL(address)
  if (!Object.hasOwn(DEFAULT_PORTS, url.protocol))
    throw new FetchError('bad_address', 'only http, https and socks5 proxies are supported')
  const host = hostOf(url)
  // A literal address is never looked up, so the guarded look-up does not see it.
  if (host === '' || (isIP(host) && isRefusedAddress(host, networks)))
    throw new FetchError('forbidden_address', 'the proxy is not in a network this server may reach')
  return { url, networks }
}

/** Connects to the proxy itself, encrypted where its address says so. */
export function connectToProxy({ url, networks }: ProxyServer): Socket {
  const options = { host: hostOf(url), port: portOf(url), lookup: guardedLookup(networks) }
  return url.protocol === 'https:'
    ? connectTls({ ...options, ...(isIP(options.host) ? {} : { servername: options.host }) })
    : connect(options)
}

/** A connection to `target` through the proxy. Rejects with FetchError; there is never a direct connection instead. */
export async function openTunnel(proxy: ProxyServer, target: TunnelTarget): Promise<Socket> {
  try {
    const open = proxy.url.protocol.startsWith('socks') ? openSocks : openConnect
    return await open(proxy, target)
  } catch (error) {
    if (error instanceof FetchError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new FetchError('unreachable', `the proxy failed: ${reason}`, { cause: error })
  }
}

/** `Basic …` for the user and password in the proxy's address, if any. */
export function proxyAuthorization({ url }: ProxyServer): string | undefined {
  return basicAuthorization(url)
}

function openConnect(proxy: ProxyServer, { host, port }: TunnelTarget): Promise<Socket> {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
  const authorization = proxyAuthorization(proxy)
  const { url, networks } = proxy
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const asked = request({
      method: 'CONNECT',
      host: hostOf(url),
      port: portOf(url),
      path: authority,
      headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization }) },
      lookup: guardedLookup(networks),
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
    })
    asked.once('connect', (response, socket: Socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        reject(new Error(`it answered ${response.statusCode}`))
        return
      }
      // The limit was for the proxy's answer; how long the tunnel may be silent is up to its user.
      socket.setTimeout(0)
      if (head.length > 0) socket.unshift(head)
      resolve(socket)
    })
    asked.once('response', (response) => {
      response.destroy()
      reject(new Error(`it answered ${response.statusCode}`))
    })
    asked.once('timeout', () => asked.destroy(new Error('it does not answer')))
    asked.once('error', reject)
    asked.end()
  })
}

async function openSocks(proxy: ProxyServer, destination: TunnelTarget): Promise<Socket> {
  const { url } = proxy
  const credentials = credentialsOf(url)
  const [username, password] = [credentials.username.toString(), credentials.password.toString()]
  for (const text of [username, password, destination.host]) refuseLongForSocks(text)
  // Before there is a socket whose failures somebody has to hear.
  const { SocksClient } = await import('socks')
  const toProxy = connectToProxy(proxy)
  const connected = new Promise<void>((resolve, reject) => {
    toProxy.once('connect', resolve)
    toProxy.once('error', reject)
    toProxy.setTimeout(CONNECT_TIMEOUT_MS, () => toProxy.destroy(new Error('it does not answer')))
  })
  await connected
  const { socket } = await SocksClient.createConnection({
    proxy: {
      host: hostOf(url),
      port: portOf(url),
      type: 5,
      ...(username !== '' && { userId: username, password }),
    },
    command: 'connect',
    destination,
    existing_socket: toProxy,
    timeout: CONNECT_TIMEOUT_MS,
    set_tcp_nodelay: true,
  }).catch((error: unknown) => {
    toProxy.destroy()
    throw error
  })
  socket.setTimeout(0)
  return socket
}

/** The protocol has one byte for the length of each text (RFC 1928, 1929), and the library does not look. */
function refuseLongForSocks(text: string): void {
  if (Buffer.byteLength(text) <= 255) return
  throw new FetchError('bad_address', 'the proxy takes names and passwords of 255 bytes at most')
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

function portOf(url: URL): number {
  return Number(url.port) || (DEFAULT_PORTS[url.protocol] ?? 0)
}
