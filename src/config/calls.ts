import { isIPv4 } from 'node:net'
import { z } from 'zod'
import { setting } from './setting.ts'
import { list, oneOf, text } from './values.ts'

const HIGHEST_PORT = 65_535

/** `40000-40099`, as first and last. */
const portRange = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'must be two ports: 40000-40099')
  .transform((text) => text.split('-').map(Number))
  .pipe(z.tuple([z.number().min(1), z.number().max(HIGHEST_PORT)], 'must be two ports: 40000-40099'))
  .refine(([first, last]) => first < last, 'must begin with the lower port')

/** The settings of voice calls. */
export const callSettings = {
  calls: setting(['CALLS'], oneOf('off', 'on').default('off'), {
    help: '`on` loads what the media of voice calls need; experimental, tested with the simulated WhatsApp only',
  }),
  callsCodec: setting(['CALLS_CODEC'], oneOf('opus', 'opus-in-mlow').default('opus'), {
    help: 'how calls are spoken: `opus`, or `opus-in-mlow` for phones that insist on MLow, which hear this server and cannot be heard',
  }),
  callPublicIp: setting(['CALL_PUBLIC_IP'], z.string().refine(isIPv4, 'must be an IPv4 address').optional(), {
    help: 'IPv4 address under which browsers that take part in a call reach this machine, where it is behind NAT',
  }),
  callUdpPorts: setting(['CALL_UDP_PORTS'], portRange.optional(), {
    help: 'first and last UDP port for browsers that take part in calls: `40000-40099`',
    shownDefault: 'any',
  }),
  callStun: setting(['CALL_STUN'], list().optional(), {
    help: 'STUN servers by which this machine and the browsers of calls find their public addresses, separated by commas; where it is not set, browsers are told the one that WaGo names, and on a simulated network none',
    shownDefault: 'stun:stun.l.google.com:19302',
  }),
  callFilesDir: setting(['CALL_FILES_DIR'], text.optional(), {
    help: 'folder of the audio files that calls play by name, and of the recordings of calls; without it neither works',
  }),
}
