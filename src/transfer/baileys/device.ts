import { InstallationError } from '../../lib/process/installation-error.ts'
import type { Contact } from '../../store/contacts.ts'
import type { AuthenticationCreds } from '../../whatsapp/library/engine.ts'
import { nothing } from '../account.ts'
import type { SourceDevice } from '../device.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import { addressOfJid } from '../whatsmeow/address.ts'
import { credentialsIn } from './credentials.ts'
import type { KeyFolder } from './folder.ts'
import { highestPreKey, lidOf, readKeys } from './keys.ts'

/** What a device of the library is made of; without a folder it has its credentials alone. */
interface Parts {
  /** As they are written. */
  creds: unknown
  folder: KeyFolder | undefined
  /** People by name, where something beside the library knows them. */
  contacts?: () => AsyncIterable<Contact[]>
}

/** A linked device of the library. Throws InstallationError when it could not log in. */
export async function deviceOf({ creds: written, folder, contacts = nothing }: Parts): Promise<SourceDevice> {
  const creds = checked(written)
  const jid = creds.me?.id ?? ''
  if (folder) await completeCredentials(creds, folder)
  // Without that key nothing could be sealed with it: another one is asked for.
  else delete creds.myAppStateKeyId
  return {
    jid,
    lid: creds.me?.lid ?? '',
    creds,
    keys: (note) => (folder ? readKeys(folder, creds.me, note) : nothing()),
    contacts,
    chats: nothing,
    messageSecrets: nothing,
    resends: nothing,
    extra: {},
  }
}

function checked(written: unknown): AuthenticationCreds {
  try {
    return credentialsIn(written)
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error
    throw new InstallationError(`its creds.json cannot be taken over: ${error.message}`, { cause: error })
  }
}

/** What other files know better than credentials that were written before them, or by an older release. */
async function completeCredentials(creds: AuthenticationCreds, folder: KeyFolder): Promise<void> {
  const highest = await highestPreKey(folder)
  creds.nextPreKeyId = Math.max(creds.nextPreKeyId, highest + 1)
  const { me } = creds
  const phone = addressOfJid(me?.id ?? '')
  if (!me || me.lid || !phone) return
  const lid = await lidOf(folder, phone.user)
  if (lid) me.lid = `${lid}:${phone.device}@lid`
}
