import { writeKeys } from '../../src/store/keys/auth.ts'
import { insertUser } from '../../src/store/users/users.ts'
import type { SourceDevice } from '../../src/transfer/device.ts'
import { type BinaryNode, BufferJSON, proto, unpadRandomMax16 } from '../../src/whatsapp/library/engine.ts'
import { sampleUser } from '../helpers/users.ts'
import { type DeviceHost, type SignalDevice, signalDevice } from '../whatsapp/keys/signal-device.ts'
import { keysOf } from './fixture.ts'

export interface ImportedDevice extends SignalDevice {
  /** What a stanza says, decrypted as the server does. */
  reads(stanza: BinaryNode): Promise<proto.Message>
}

/** Stores a device of another server as one of ours and opens it. */
export async function importedDevice(host: DeviceHost, source: SourceDevice): Promise<ImportedDevice> {
  const user = sampleUser()
  await insertUser(host.db, host.secrets, user)
  const { keys } = await keysOf(source)
  const creds = { kind: 'creds', id: '', text: JSON.stringify(source.creds, BufferJSON.replacer) }
  const values = [creds, ...keys].map((key) => ({ ...key, userId: user.id }))
  await host.db.transaction((trx) => writeKeys(trx, host.secrets, values))

  const device = await signalDevice(host, { userId: user.id, pn: source.jid, lid: source.lid })
  return {
    ...device,
    async reads(stanza) {
      device.auth.noteOrigin(stanza)
      const { from = '', participant = from } = stanza.attrs
      for (const { tag, attrs, content } of stanza.content as BinaryNode[]) {
        if (tag !== 'enc') continue
        const ciphertext = content as Uint8Array
        const padded =
          attrs.type === 'skmsg'
            ? await device.repository.decryptGroupMessage({
                group: from,
                authorJid: participant,
                msg: ciphertext,
              })
            : await device.repository.decryptMessage({
                jid: participant,
                type: attrs.type === 'pkmsg' ? 'pkmsg' : 'msg',
                ciphertext,
              })
        return proto.Message.decode(unpadRandomMax16(padded))
      }
      throw new Error('nothing in this stanza is encrypted')
    },
  }
}

/** The words of a message, or of the poll in it. */
export function wordsOf(message: proto.Message): string {
  return (
    message.conversation ||
    message.extendedTextMessage?.text ||
    message.pollCreationMessage?.name ||
    message.pollCreationMessageV3?.name ||
    ''
  )
}
