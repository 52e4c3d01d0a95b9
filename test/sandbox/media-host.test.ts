import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.stop())

const file = Buffer.from('an encrypted file')
const hash = createHash('sha256').update(file).digest()
/** As Go's `base64.URLEncoding` writes it: with padding. */
const token = `${hash.toString('base64url')}=`

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${sandbox.controlUrl}${path}`, init)
}

async function upload(path: string, body = file): Promise<{ url: string; direct_path: string }> {
  const response = await ask(path, { method: 'POST', body: new Uint8Array(body) })
  return JSON.parse(await response.text())
}
const uploadPath = `/mms/image/${encodeURIComponent(token)}?auth=sandbox&token=${encodeURIComponent(token)}`

test('an upload is told its direct path with a query, behind which clients put theirs', async () => {
  const { direct_path: directPath, url } = await upload(uploadPath)

  const bySeptember2026 = `${directPath}&hash=${token}&mms-type=image&__wa-mms=`

  expect(directPath).toMatch(/^\/v\/[\w./-]+\?ccb=[\d-]+&oh=[\w-]+&oe=[\dA-F]+/)
  expect(url.startsWith(`https://mmg.whatsapp.net${directPath}`)).toBe(true)
  expect(Buffer.from(await (await ask(bySeptember2026)).arrayBuffer())).toEqual(file)
  expect((await ask(new URL(url).pathname + new URL(url).search)).status).toBe(200)
})

test('a file that is not encrypted is asked for without a hash', async () => {
  const path = `/newsletter/newsletter-image/${token}?auth=sandbox&token=${token}`
  const { direct_path: directPath } = await upload(path)

  expect((await ask(`${directPath}&hash=&mms-type=&__wa-mms=`)).status).toBe(200)
})

test('the host gives nothing for an address that is not as it was given out', async () => {
  const { direct_path: directPath } = await upload(uploadPath)
  const { directPath: old } = sandbox.network.media.put(file, -1)

  const statusOf = async (path: string) => (await ask(path)).status

  expect(await statusOf(directPath.split('?')[0] ?? '')).toBe(403)
  expect(await statusOf(directPath.replace(/oh=\w/, 'oh=x'))).toBe(403)
  expect(await statusOf(directPath.replace(/oe=\w+/, 'oe=FFFFFFFF'))).toBe(403)
  expect(await statusOf(old)).toBe(403)
  expect(await statusOf(`${directPath}&hash=${Buffer.alloc(32).toString('base64url')}=`)).toBe(404)
})

test('the host takes a file under its own hash only, and from whoever shows what the service gave', async () => {
  const statusOf = async (path: string) => (await ask(path, { method: 'POST', body: 'other bytes' })).status

  expect(await statusOf(uploadPath)).toBe(400)
  expect(await statusOf(uploadPath.replace('auth=sandbox', 'auth=x'))).toBe(401)
})

test('whoever has read a part of the history takes it back', async () => {
  const { direct_path: directPath } = await upload(uploadPath.replace('image', 'md-msg-hist'))
  const [path = ''] = directPath.split('?')
  const named = Buffer.from(path).toString('base64url')
  const takeBack = async (auth: string, encodedPath: string) => {
    const query = new URLSearchParams({ token, d_md: encodedPath, auth })
    return (await ask(`/mms/md-msg-hist/${token}?${query}`, { method: 'DELETE' })).status
  }

  expect(await takeBack('other', named)).toBe(401)
  expect(await takeBack('sandbox', '')).toBe(400)
  expect(await takeBack('sandbox', named)).toBe(200)
  expect((await ask(directPath)).status).toBe(404)
  expect(await takeBack('sandbox', named)).toBe(404)
})
