import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import { isPhoneJid } from '../../lib/jid.ts'
import type { WASocket } from '../library/engine.ts'
import { answered } from '../outbound/answered.ts'
import { userPart } from '../wire/jid.ts'

/**
 * Mobile numbers that people write in two ways: Brazil's with and without the ninth digit, Mexico's with and without 1,
 * Argentina's with and without 9. An account has the one it was made with, and what is sent to the other reaches nobody.
 */
const TWO_FORMS = /^(?:55\d\d9?[6-9]\d{7}|521?\d{10}|549?\d{10})$/

const KEPT_MS = 60 * 60_000
const MAX_KEPT = 5_000

/** The JIDs under which WhatsApp knows numbers that have two forms, for one session. */
export class RegisteredNumbers {
  readonly #jids = new BoundedCache<string, string>({ max: MAX_KEPT, ttl: KEPT_MS })

  /**
   * The JID of the account that a phone-number JID stands for, the same one if its number has one form, is known to
   * WhatsApp as it is, or belongs to nobody. WhatsApp is asked once an hour, and not about people whose LID is known. A
   * question that is lost changes nothing: what follows meets the same.
   */
  async find(jid: string, ready: () => Promise<WASocket>): Promise<string> {
    const number = userPart(jid)
    if (!isPhoneJid(jid) || !TWO_FORMS.test(number)) return jid
    const known = this.#jids.get(jid)
    if (known) return known
    const socket = await ready()
    const { [number]: lid } = await socket.authState.keys.get('lid-mapping', [number])
    if (lid) return jid
    try {
      const [found] = (await answered('number', socket.onWhatsApp(`+${number}`))) ?? []
      const registered = found?.exists ? found.jid : jid
      this.#jids.set(jid, registered)
      return registered
    } catch {
      return jid
    }
  }
}
