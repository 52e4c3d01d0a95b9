import { z } from 'zod'
import type { PhoneCall } from '../calls/phone-call.ts'
import type { PhoneLine } from '../calls/phone-line.ts'
import { callScript, speechShape } from '../calls/script.ts'
import { addSecondDevices, SecondDevice } from '../calls/second-device.ts'
import type { Network } from '../world/network.ts'
import { type ControlCall, ControlError, type ControlRoute, get, phoneOf, post } from './route.ts'

const scripted = callScript.partial()

const toCall = scripted.extend({
  to: z.string(),
  /** A step of a call without sound; without it, `callId` and `video` the phone calls and can be heard. */
  kind: z.enum(['offer', 'accept', 'reject', 'terminate']).optional(),
  callId: z.string().optional(),
  video: z.boolean().optional(),
  reason: z.string().optional(),
})

const behaviour = scripted.extend({
  /** How many devices ring, the phone included. */
  devices: z.int().min(1).max(10).optional(),
  /** Which of them is meant; the phone is 0. All of them without it. */
  device: z.int().min(0).optional(),
})

const which = z.object({ device: z.int().min(0).default(0) })

const settings = z.object({
  ringMs: z.number().min(100).max(600_000).optional(),
  /** Takes effect before the first call. */
  relays: z.int().min(1).max(8).optional(),
  usesMlow: z.boolean().optional(),
  faults: z
    .object({
      loss: z.number().min(0).max(1).optional(),
      late: z.number().min(0).max(1).optional(),
      deaf: z.array(z.string()).optional(),
      isDead: z.boolean().optional(),
    })
    .optional(),
})

/** Calls that contacts make and take, and what they hear. */
export const callRoutes: ControlRoute[] = [
  post('/sandbox/calls', settings, async ({ network, body: { faults, ...changes } }) => {
    for (const [name, value] of Object.entries(changes))
      if (value !== undefined) Object.assign(network.calls.settings, { [name]: value })
    if (faults) await network.calls.setFaults(faults)
    return network.calls.settings
  }),
  post('/sandbox/contacts/:phone/call', toCall, async ({ network, params, body }) => {
    const { to, kind: given, callId, video, reason, ...script } = body
    // A call with a picture has no sound here, and a call that is named is another's.
    const kind = given ?? (video || callId !== undefined ? 'offer' : undefined)
    const peer = phoneOf(network, params.phone ?? '')
    if (kind !== undefined) return { callId: peer.signalCall(to, { kind, callId, video, reason }) }
    const callee = network.findAccount(to)
    if (!callee) throw new ControlError(404, `nobody has the number ${to}`)
    const call = await peer.line.call(callee.lidJid(), callScript.parse(script))
    return { callId: call.view.id }
  }),
  post('/sandbox/contacts/:phone/calls', behaviour, ({ network, params, body }) => {
    const { devices, device, ...script } = body
    const peer = phoneOf(network, params.phone ?? '')
    if (devices !== undefined) addSecondDevices(network, peer.account, devices - 1)
    const lines = linesOf(network, params.phone ?? '')
    const meant = device === undefined ? lines : [lineOf(network, params.phone ?? '', device)]
    for (const line of meant) line.script = { ...line.script, ...script }
    return { devices: lines.length }
  }),
  get('/sandbox/contacts/:phone/calls', ({ network, params }) => ({
    calls: linesOf(network, params.phone ?? '').flatMap((line, device) =>
      line.calls.map(({ view }) => ({ device, ...view })),
    ),
  })),
  act('answer', (call) => call.answer()),
  act('reject', (call) => call.reject()),
  act('hangup', (call) => call.hangUp()),
  post(
    '/sandbox/contacts/:phone/calls/:id/say',
    which.extend({ say: speechShape }),
    ({ network, params, body }) => {
      const call = callOf(network, params, body.device)
      call.say(body.say)
      return call.view
    },
  ),
  post(
    '/sandbox/contacts/:phone/calls/:id/mute',
    which.extend({ muted: z.boolean().default(true) }),
    ({ network, params, body }) => {
      const call = callOf(network, params, body.device)
      call.mute(body.muted)
      return call.view
    },
  ),
  get(
    '/sandbox/contacts/:phone/calls/:id/heard',
    ({ network, params }) => heardIn(network, params).heard ?? {},
  ),
  get('/sandbox/contacts/:phone/calls/:id/heard.wav', ({ network, params }) => {
    const wav = heardIn(network, params).heardWav
    if (!wav) throw new ControlError(404, 'the call has no sound')
    return wav
  }),
]

function act(name: string, work: (call: PhoneCall) => void): ControlRoute {
  return post(
    `/sandbox/contacts/:phone/calls/:id/${name}`,
    which,
    ({ network, params, body }: ControlCall<z.output<typeof which>>) => {
      const call = callOf(network, params, body.device)
      work(call)
      return call.view
    },
  )
}

/** The lines of a contact's devices that take part in calls, the phone first. */
function linesOf(network: Network, phone: string): PhoneLine[] {
  const peer = phoneOf(network, phone)
  const others = [...peer.account.devices.values()].filter((device) => device instanceof SecondDevice)
  return [peer.line, ...others.map(({ line }) => line)]
}

function lineOf(network: Network, phone: string, device: number): PhoneLine {
  const line = linesOf(network, phone)[device]
  if (!line) throw new ControlError(404, `${phone} has no device ${device}`)
  return line
}

function callOf(
  network: Network,
  { phone = '', id = '' }: Record<string, string>,
  device: number,
): PhoneCall {
  const call = lineOf(network, phone, device).calls.find(({ view }) => view.id === id)
  if (!call) throw new ControlError(404, `there is no call ${id}`)
  return call
}

/** The device of a contact that has heard something in a call. */
function heardIn(network: Network, { phone = '', id = '' }: Record<string, string>): PhoneCall {
  const calls = linesOf(network, phone).flatMap((line) => line.calls.filter(({ view }) => view.id === id))
  const call = calls.find(({ heard }) => heard !== undefined && heard.packets > 0) ?? calls[0]
  if (!call) throw new ControlError(404, `there is no call ${id}`)
  return call
}
