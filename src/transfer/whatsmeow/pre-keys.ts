import type { Queryable } from '../../store/database/database.ts'
import { keyText } from '../../whatsapp/keys/key-text.ts'
import type { DeviceKey, Note } from '../device.ts'
import { PRIVATE_BYTES, publicKeyOf } from '../signal/curve-keys.ts'
import { bytesOf, numberOf, readRows } from './rows.ts'
import type { Schema } from './schema.ts'
import { takenOrNoted } from './taking.ts'

/** The pre-keys of a device that have not been used: whatsmeow deletes one with its first use. */
export async function* readPreKeys(
  db: Queryable,
  schema: Schema,
  jid: string,
  note: Note,
): AsyncGenerator<DeviceKey[]> {
  const wanted = {
    table: 'whatsmeow_pre_keys',
    of: { column: 'jid', jid },
    key: ['key_id'],
    columns: ['key'],
  }
  for await (const rows of readRows(db, schema, wanted)) {
    yield rows.flatMap((row) => {
      const id = String(row.key_id)
      return (
        takenOrNoted(note, { what: 'pre-key', whose: id }, () => {
          const privateKey = bytesOf(row, 'key', PRIVATE_BYTES)
          const pair = { private: privateKey, public: publicKeyOf(privateKey) }
          return {
            kind: 'pre-key' as const,
            id: String(numberOf(row, 'key_id')),
            text: keyText('pre-key', pair),
          }
        }) ?? []
      )
    })
  }
}
