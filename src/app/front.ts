import type { RequestListener } from 'node:http'
import { isIPv6 } from 'node:net'
import type { UpgradeListener } from '../cluster/internal.ts'
import { type Config, ConfigError } from '../config/config.ts'
import type { MountedDialect } from '../http/endpoint/dialect.ts'
import { type Pipe, serveLines } from '../http/pipe/serve-lines.ts'
import { listen } from '../http/server/listen.ts'
import { openTls, type Tls } from '../http/server/tls-files.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Services } from '../operations/services.ts'

/** Where others reach this server. */
export interface Front {
  /** `http://127.0.0.1:8080`; '' without a port. */
  url: string
  port?: number
  /** Resolves when nobody will ask any more; never at a port. */
  ended: Promise<void>
  /** Asks those who are connected to go elsewhere, and waits for that as long. */
  leave(patienceMs: number): Promise<void>
  /** Takes no more requests, and waits for those in progress as long. */
  stop(graceMs: number): Promise<void>
}

/** The certificate of the settings, if there is one; throws InstallationError. */
export async function openTlsOf(
  { mode, tlsCertificate: certificate, tlsPrivateKey: privateKey }: Config,
  log: Logger,
): Promise<Tls | undefined> {
  return mode === 'http' && certificate && privateKey ? openTls({ certificate, privateKey }, log) : undefined
}

/** Listens on the port of the settings, encrypted where there is a certificate. */
export async function openPort(
  { host, port: wanted }: Config,
  { app, upgrades, tls }: { app: RequestListener; upgrades?: UpgradeListener; tls?: Tls },
): Promise<Front> {
  const { port, leave, stop } = await listen(app, { host, port: wanted, upgrades, tls })
  // Nobody can go to the address that stands for all.
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const url = `http${tls ? 's' : ''}://${isIPv6(name) ? `[${name}]` : name}:${port}`
  return { url, port, ended: new Promise(() => {}), leave, stop }
}

/** Answers on a pipe, in the dialect that is spoken there. */
export function openPipe(
  pipe: Pipe,
  { app, served, services }: { app: RequestListener; served: MountedDialect[]; services: Services },
): Front {
  const { dialect, base } = served.find((one) => one.dialect.lines) ?? {}
  if (!dialect?.lines) throw new ConfigError('no dialect is spoken on standard input and output')
  const profile = dialect.profile(services)
  const endpoints = dialect.groups.flatMap((group) => group.endpoints)
  const { ended, stop } = serveLines({
    pipe,
    protocol: dialect.lines,
    endpoints: endpoints.filter((endpoint) => endpoint.profile === undefined || endpoint.profile === profile),
    base: base === '/' ? '' : (base ?? ''),
    app,
    log: services.log,
  })
  return { url: '', ended, leave: stop, stop }
}
