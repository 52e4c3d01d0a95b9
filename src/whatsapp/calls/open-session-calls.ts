import { canonical, isLidJid } from '../../lib/jid.ts'
import { answered } from '../outbound/answered.ts'
import { learnDevices } from '../outbound/device-lists.ts'
import type { SessionServices } from '../session/services.ts'
import type { LiveSession } from '../session/session.ts'
import { endFormerCalls } from './former-calls.ts'
import { LiveSessionCalls, type SessionCallsDeps } from './session-calls.ts'

/** The calls of a session; undefined where calls are switched off. */
export function openSessionCalls(
  session: LiveSession,
  services: SessionServices,
): LiveSessionCalls | undefined {
  if (!services.calls) return undefined
  const { id: userId } = session.user
  const socket = () => {
    try {
      return session.socket()
    } catch {
      // There is none at the moment.
      return undefined
    }
  }
  const record: SessionCallsDeps['record'] = (events, ids) => services.record(userId, events, ids)
  return new LiveSessionCalls({
    ...services.calls,
    log: session.log,
    me: () => session.me,
    ready: () => session.ready(),
    socket,
    resolve: (to) => session.resolve(to),
    async learnDevices(open, lid) {
      await learnDevices(open, { to: lid, people: [lid] }, { caches: services.caches, userId })
      const devices = await answered('device list', open.getUSyncDevices([lid], true, false))
      const jids = devices.map(({ jid }) => canonical(jid)).filter(isLidJid)
      await answered('keys', open.assertSessions(jids))
      return jids
    },
    record,
    async recover(isHeld, send) {
      const open = socket()
      const ownDevice = canonical(session.me.lid)
      if (open)
        await endFormerCalls({ db: services.db, userId, ownDevice, socket: open, record, send }, isHeld)
    },
  })
}
