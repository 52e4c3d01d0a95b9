import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate and its private key, both PEM. */
export interface Certificate {
  cert: string
  key: string
}

const VALID_DAYS = 365

/**
 * Makes a self-signed TLS certificate (X.509 v3, ECDSA on P-256) for the given host names and IPv4 addresses, so that
 * no private key has to be kept in the repository.
 */
export function selfSignedCertificate(hosts: string[]): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid('2.5.4.3'), text(0x0c, 'Sandbox'))))
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')) // ecdsa-with-SHA256
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)])
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' })
  const body = sequence(
    element(0xa0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    algorithm,
    name,
    sequence(time(0), time(VALID_DAYS)),
    name,
    publicKeyInfo,
    element(0xa3, sequence(alternativeNames(hosts), keyIdentifier(publicKeyInfo))),
  )
  const certificate = sequence(body, algorithm, bits(sign('sha256', body, privateKey)))
  const lines = certificate.toString('base64').replace(/.{1,64}/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function alternativeNames(hosts: string[]): Buffer {
  const names = hosts.map((host) => {
    const address = host.split('.').map(Number)
    const isAddress = address.length === 4 && address.every((part) => part >= 0 && part <= 255)
    return isAddress ? element(0x87, Buffer.from(address)) : text(0x82, host)
  })
  return sequence(oid('2.5.29.17'), element(0x04, sequence(...names)))
}

function keyIdentifier(publicKeyInfo: Buffer): Buffer {
  const digest = createHash('sha1').update(publicKeyInfo).digest()
  return sequence(oid('2.5.29.14'), element(0x04, element(0x04, digest)))
}

// DER, the encoding of certificates (X.690): tag, length, content.

function element(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts))
}

function set(content: Buffer): Buffer {
  return element(0x31, content)
}

function integer(value: Buffer): Buffer {
  return element(0x02, value)
}

function text(tag: number, value: string): Buffer {
  return element(tag, Buffer.from(value))
}

function bits(value: Buffer): Buffer {
  return element(0x03, Buffer.concat([Buffer.from([0]), value]))
}

/** UTCTime of a day counted from yesterday's hour, so that a clock that is a little behind accepts it. */
function time(days: number): Buffer {
  const instant = new Date(Date.now() + (days * 24 - 1) * 3_600_000)
  return text(0x17, `${instant.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`)
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}
