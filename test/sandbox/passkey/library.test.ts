import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { child, node, SERVICE } from '../../../src/sandbox/world/node.ts'
import { type BinaryNode, proto, WA_CERT_DETAILS } from '../../../src/whatsapp/library/engine.ts'
import { Companion } from '../companion.ts'
import { Waiting } from '../waiting.ts'
import { control, optionsIn, PasskeyClient, type Wire } from './passkey-client.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
})
afterAll(() => sandbox.stop())

/** The socket of the library, which knows nothing of passkeys but takes its part before and after. */
class LibraryWire implements Wire {
  readonly received: BinaryNode[] = []
  readonly #companion: Companion
  readonly #waiting = new Waiting()

  constructor(companion: Companion) {
    this.#companion = companion
    companion.socket.ws.on('CB:notification', (stanza: BinaryNode) => {
      this.received.push(stanza)
      this.#waiting.look()
    })
  }

  get creds() {
    return this.#companion.creds
  }

  send(stanza: BinaryNode) {
    return this.#companion.socket.sendNode(stanza)
  }

  query(type: 'get' | 'set', xmlns: string, content: BinaryNode[]) {
    return this.#companion.socket.query(node('iq', { to: SERVICE, type, xmlns }, content))
  }

  next(fits: (stanza: BinaryNode) => boolean) {
    return this.#waiting.until('such stanza', () => this.received.find(fits))
  }
}

/** Connects, does what has the phone read the code, and goes through the ceremony until the new device has logged in. */
async function linkedBy(
  phone: string,
  read: (companion: Companion) => Promise<object>,
): Promise<{ companion: Companion; wire: LibraryWire }> {
  const companion = new Companion(sandbox)
  companion.connect()
  const wire = new LibraryWire(companion)
  const client = new PasskeyClient(wire, proto.DeviceProps.PlatformType.CHROME)

  expect(await read(companion)).toEqual({ status: 202, answer: { passkey: 'required' } })
  const options = optionsIn(await client.told('passkey_prologue_request'))
  const { answer } = await control(sandbox, `accounts/${phone}/assert`, { options })
  await client.fetchRef()
  await client.prologue(answer)
  await client.meet()
  await client.request()
  await companion.closed()
  companion.connect()
  await companion.open()
  return { companion, wire }
}

test('the library links by QR code once somebody does the ceremony for it', async () => {
  const phone = '551199600001'
  await control(sandbox, `accounts/${phone}`, { passkey: { handoff: 'require' } })

  const { companion } = await linkedBy(phone, async (unlinked) =>
    control(sandbox, 'scan', { phone, qr: await unlinked.qr() }),
  )

  expect(companion.jid).toBe(`${phone}:1@s.whatsapp.net`)
  await companion.close()
})

test('and by letters, after it heard that they were renewed', async () => {
  const phone = '551199600002'
  await control(sandbox, `accounts/${phone}`, { passkey: { handoff: 'require', refreshCode: true } })

  const { companion, wire } = await linkedBy(phone, async (unlinked) => {
    await unlinked.qr()
    const code = await unlinked.socket.requestPairingCode(phone)
    await sandbox.server.stanzas.find(({ stanza }) => JSON.stringify(stanza).includes(phone))
    return control(sandbox, 'pair-code', { phone, code })
  })

  const stages = wire.received.flatMap((told) => child(told, 'link_code_companion_reg')?.attrs.stage ?? [])
  expect(stages).toEqual(['primary_hello', 'refresh_code'])
  expect(companion.jid).toBe(`${phone}:1@s.whatsapp.net`)
  await companion.close()
})

test('wrong letters are told as before, though a passkey would be needed', async () => {
  const phone = '551199600003'
  await control(sandbox, `accounts/${phone}`, { passkey: true })
  const companion = new Companion(sandbox)
  const socket = companion.connect()
  await companion.qr()

  await socket.requestPairingCode(phone, 'ABCDEFGH')
  await sandbox.server.stanzas.find(({ stanza }) => JSON.stringify(stanza).includes(phone))
  const paired = await control(sandbox, 'pair-code', { phone, code: 'ABCDEFGX' })

  expect(paired).toEqual({ status: 400, answer: { error: 'the pairing code is wrong' } })
  await companion.close()
})
