import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type Server } from 'node:tls'
import { errorCode, InstallationError } from '../../lib/process/installation-error.ts'
import type { Logger } from '../../lib/process/logger.ts'

/** Where a certificate and its private key are, as PEM. */
export interface TlsFiles {
  certificate: string
  privateKey: string
}

/** What a server shows to those who connect. */
interface Identity {
  cert: string
  key: string
}

/** A certificate that is in use. */
export interface Tls {
  /** What new connections are shown. */
  readonly identity: Identity
  /** Shows connections to come what is in the files from then on; returns what ends that. */
  follow(server: Server): () => void
}

// Certificates are renewed weeks before their end. Looking at two small files costs less than a watch that has to know of
// links, mounted folders and tools that replace a file instead of writing it.
const LOOK_MS = 10_000

/** Reads a certificate and its key; throws InstallationError when they are missing, unreadable or not a pair. */
export async function openTls(files: TlsFiles, log: Logger, lookMs = LOOK_MS): Promise<Tls> {
  let identity = await readIdentity(files)
  tellValidity(identity, log)
  return {
    get identity() {
      return identity
    },
    follow(server) {
      let complaint = ''
      let isLooking = false
      const look = async () => {
        try {
          const found = await readIdentity(files)
          complaint = ''
          if (found.cert === identity.cert && found.key === identity.key) return
          server.setSecureContext(found)
          identity = found
          tellValidity(identity, log)
        } catch (error) {
          // Of two files one is written first: what is in use stays until they are a pair again.
          const reason = error instanceof Error ? error.message : String(error)
          if (reason !== complaint) log.warn({ reason }, 'a renewed certificate could not be taken')
          complaint = reason
        }
      }
      const timer = setInterval(() => {
        if (isLooking) return
        isLooking = true
        void look().finally(() => {
          isLooking = false
        })
      }, lookMs)
      timer.unref()
      return () => clearInterval(timer)
    },
  }
}

async function readIdentity({ certificate, privateKey }: TlsFiles): Promise<Identity> {
  const cert = await readPem(certificate, 'TLS_CERTIFICATE')
  const key = await readPem(privateKey, 'TLS_PRIVATE_KEY')
  const first = firstCertificate(cert, certificate)
  if (!first.checkPrivateKey(keyOf(key, privateKey)))
    throw new InstallationError(
      `the private key in ${privateKey} does not belong to the certificate in ${certificate}`,
    )
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    throw new InstallationError(`the certificate in ${certificate} cannot be used (${errorCode(cause)})`, {
      cause,
    })
  }
  return { cert, key }
}

async function readPem(file: string, setting: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const code = errorCode(cause)
    const reason = code === 'ENOENT' ? 'is not there' : 'cannot be read'
    throw new InstallationError(`${file}, which ${setting} names, ${reason} (${code})`, { cause })
  }
}

function firstCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new InstallationError(`${file} holds no certificate in PEM form`, { cause })
  }
}

function keyOf(pem: string, file: string): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    const isLocked = /ENCRYPTED/.test(pem)
    const reason = isLocked
      ? 'is locked with a passphrase; store it without one'
      : 'holds no private key in PEM form'
    throw new InstallationError(`${file} ${reason}`, { cause })
  }
}

function tellValidity({ cert }: Identity, log: Logger): void {
  const { subject, validTo } = new X509Certificate(cert)
  const facts = { subject, validUntil: new Date(validTo).toISOString() }
  if (Date.parse(validTo) < Date.now()) log.warn(facts, 'the certificate of this server is no longer valid')
  else log.info(facts, 'the certificate of this server')
}
