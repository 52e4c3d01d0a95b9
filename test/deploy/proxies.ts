import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSignedCertificate } from '../../src/sandbox/server/self-signed.ts'
import { freePort } from '../helpers/free-port.ts'

const deploy = join(import.meta.dirname, '../../deploy')

/** A proxy as its program, with the configuration of `deploy/` and nothing but its addresses changed. */
export interface ReverseProxy {
  /** `https://localhost:PORT` */
  url: string
  stop(): Promise<void>
}

/** Whether a program is on this machine. */
export function isInstalled(program: string, arg: string): boolean {
  try {
    execFileSync(program, [arg], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** nginx with `deploy/nginx/parley.conf` in front of what listens on `upstream`. */
export async function startNginx(upstream: number): Promise<ReverseProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-nginx-'))
  const [plain, secure] = [await freePort(), await freePort()]
  const { cert, key } = selfSignedCertificate(['localhost'])
  await writeFile(join(folder, 'fullchain.pem'), cert)
  await writeFile(join(folder, 'privkey.pem'), key)
  const site = (await readFile(join(deploy, 'nginx/parley.conf'), 'utf8'))
    .replaceAll('/etc/letsencrypt/live/parley.example.com', folder)
    .replaceAll(/^ *listen \[::\].*\n/gm, '')
    .replace('listen 80;', `listen 127.0.0.1:${plain};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${secure} ssl;`)
    .replace('server 127.0.0.1:8080;', `server 127.0.0.1:${upstream};`)
  await writeFile(join(folder, 'parley.conf'), site)
  // What the package of a distribution has around it.
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
     http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; include ${folder}/parley.conf; }`,
  )
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf')]
  execFileSync('nginx', ['-t', ...args], { stdio: 'pipe' })
  return running(spawn('nginx', args, { stdio: 'ignore' }), { folder, port: secure })
}

/** Caddy with `deploy/caddy/Caddyfile` in front of what listens on `upstream`. */
export async function startCaddy(upstream: number): Promise<ReverseProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-caddy-'))
  const port = await freePort()
  const site = await readFile(join(deploy, 'caddy/Caddyfile'), 'utf8')
  // A certificate of its own for a name that is nobody's, and nothing changed on this machine.
  const local = '{\n\tadmin off\n\tskip_install_trust\n\tlocal_certs\n\tauto_https disable_redirects\n}\n'
  const config = join(folder, 'Caddyfile')
  await writeFile(config, local + site)
  await mkdir(join(folder, 'data'))
  const env = {
    ...process.env,
    HOME: folder,
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_CONFIG_HOME: folder,
    DOMAIN: `https://localhost:${port}`,
    UPSTREAM: `127.0.0.1:${upstream}`,
  }
  const args = ['--config', config, '--adapter', 'caddyfile']
  execFileSync('caddy', ['validate', ...args], { env, stdio: 'pipe' })
  return running(spawn('caddy', ['run', ...args], { env, stdio: 'ignore' }), { folder, port })
}

/** Resolves when the proxy answers, whatever it says. */
async function running(
  child: ChildProcess,
  { folder, port }: { folder: string; port: number },
): Promise<ReverseProxy> {
  const url = `https://localhost:${port}`
  const stop = async () => {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode === null && child.kill('SIGTERM')) await gone
    await rm(folder, { recursive: true, force: true })
  }
  const deadline = Date.now() + 60_000
  while (child.exitCode === null && Date.now() < deadline) {
    if (await ask(`${url}/metrics`).catch(() => undefined)) return { url, stop }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await stop()
  throw new Error(`the proxy on ${url} does not answer`)
}

export interface Reply {
  status: number
  text: string
}

/** Sends a request through a proxy with a certificate of its own; `onText` hears what comes while more is to come. */
export function ask(
  url: string,
  options: {
    method?: string
    headers?: Record<string, string>
    body?: string
    onText?: (text: string) => void
  } = {},
): Promise<Reply> {
  const { method = 'GET', headers, body, onText } = options
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, rejectUnauthorized: false, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
        onText?.(text)
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      answer.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
