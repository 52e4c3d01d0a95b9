import { ApiError } from '../../lib/errors.ts'
import { bare, isLidJid, sameUser } from '../../lib/jid.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Networks } from '../../media/fetch/address-rules.ts'
import { type BinaryNode, encodeSignedDeviceIdentity, type WASocket } from '../library/engine.ts'
import { toApiError } from '../library/faults.ts'
import { runInRootContext } from '../library/patches/index.ts'
import { refusedByAck } from '../outbound/acks.ts'
import { lidOf, numberOf } from './addresses.ts'
import { newCallId, newCallKey, sealCallKey } from './call-key.ts'
import { outgoingCall } from './call-machine.ts'
import { codecWith, type SpokenCodec } from './capability.ts'
import { type CallHost, LiveCall } from './live-call.ts'
import { readWantsMlow } from './read-steps.ts'
import { readRelayBlock } from './relay-block.ts'
import { callStanza, writeOffer } from './steps.ts'
import { giveTrust, trustOf } from './trust.ts'

/** What it takes to call somebody. */
export interface OutgoingDeps {
  log: Logger
  codec: SpokenCodec
  /** Where relays may be. */
  relayNetworks: Networks
  /** The account's own JIDs with device. */
  me(): { pn: string; lid: string }
  /** The socket of a session that is open, or about to be. Throws `not_connected`, `not_logged_in`. */
  ready(): Promise<WASocket>
  /** The JID for what a caller gave as recipient. */
  resolve(to: string): Promise<string>
  /** The devices of a person, for each of which there is a session. */
  learnDevices(socket: WASocket, lid: string): Promise<string[]>
  host(): CallHost
  /** Adds the call to those of the session. Throws `conflict` when there is another. */
  keep(call: LiveCall): void
  send(stanza: BinaryNode): void
}

/** The service answers at once or not at all. */
const ANSWER_MS = 10_000

/** Calls somebody; resolves when WhatsApp has taken the offer. @throws ApiError see `SessionCalls.make`. */
export async function placeCall(deps: OutgoingDeps, to: string): Promise<LiveCall> {
  const socket = await deps.ready()
  // It comes with the first login, in a moment.
  if (!deps.me().lid)
    throw new ApiError('not_connected', { text: 'the LID of this account is not known yet' })
  const jid = await deps.resolve(to)
  const lid = await runInRootContext(() => lidOf(socket, jid)).catch((error: unknown) => {
    throw toApiError(error)
  })
  if (!isLidJid(lid)) throw new ApiError('not_found', { text: 'the number is not on WhatsApp' })
  if (sameUser(lid, bare(deps.me().lid)))
    throw new ApiError('conflict', { text: 'nobody can call themselves' })

  const devices = await runInRootContext(() => deps.learnDevices(socket, lid))
  if (devices.length === 0) throw new ApiError('not_found', { text: 'the number is not on WhatsApp' })
  const peer = (jid === lid ? await numberOf(socket, lid) : bare(jid)) || lid
  const callKey = newCallKey()
  const names = { callId: newCallId(), creator: deps.me().lid }
  const begun = outgoingCall(lid, Date.now())
  const call = new LiveCall(deps.host(), { names, peer, callKey }, begun.call)
  deps.keep(call)
  call.begin(begun)
  try {
    await runInRootContext(() => offer(deps, { socket, call, callKey, devices }))
  } catch (error) {
    if (!call.isOver) call.apply({ type: 'failed' })
    throw toApiError(error)
  }
  await call.mediaReady()
  await call.recorded()
  return call
}

async function offer(
  { codec, relayNetworks, log, send }: OutgoingDeps,
  {
    socket,
    call,
    callKey,
    devices,
  }: { socket: WASocket; call: LiveCall; callKey: Buffer; devices: string[] },
): Promise<void> {
  const { peer: lid } = call.progress
  const { account } = socket.authState.creds
  const { keys, opensSession } = await sealCallKey(socket, devices, callKey)
  const stanza = callStanza(
    lid,
    writeOffer(call.names, {
      codec,
      keys,
      deviceCount: devices.length,
      identity: opensSession && account ? encodeSignedDeviceIdentity(account, true) : undefined,
      trust: await trustOf(socket, lid),
    }),
  )
  // It was given up while this was made.
  if (call.isOver) return
  call.note('sent', { step: 'offer', devices: devices.length })
  const answer = await answerTo(socket, stanza)
  if (!answer) {
    call.apply({ type: 'notAnswered' })
    throw new ApiError('upstream_timeout', { text: 'WhatsApp did not answer the offer of the call' })
  }
  const { error } = answer.attrs
  if (error) {
    call.apply({ type: 'refused', code: error })
    throw refusedByAck(error)
  }
  const relayBlock = readRelayBlock(answer, relayNetworks)
  call.note('taken', { relays: relayBlock?.relays.length ?? 0, serviceWantsMlow: readWantsMlow(answer) })
  if (relayBlock) call.setMediaFacts({ relayBlock, codec: codecWith(undefined, codec) })
  const wasGivenUp = call.isOver
  call.apply({ type: 'offered', devices, hasRelays: relayBlock !== undefined })
  // It was given up before the service knew of it.
  if (wasGivenUp) send(callStanza(lid, terminateOf(call)))
  else if (!relayBlock)
    throw new ApiError('upstream_refused', { text: 'WhatsApp named no relay for the call' })
  else
    void giveTrust(socket, { lid, to: call.peer }).catch((cause: unknown) => {
      log.debug({ err: cause }, 'could not give a token of trust')
    })
}

/** The service's answer; undefined where there is none in time. */
async function answerTo(socket: WASocket, stanza: BinaryNode): Promise<BinaryNode | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_MS)
  })
  // The types leave out that an answer may be empty.
  const answer: Promise<BinaryNode | undefined> = socket.query(stanza)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
    answer.catch(() => {})
  }
}

function terminateOf({ names }: LiveCall): BinaryNode {
  return { tag: 'terminate', attrs: { 'call-id': names.callId, 'call-creator': names.creator } }
}
