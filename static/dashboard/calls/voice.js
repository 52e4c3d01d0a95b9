import { element } from '../parts/dom.js'
import { words } from './words.js'

/** The key of what a person can do about a browser that cannot talk, by the reason or the name of the browser's error. */
const ADVICE = {
  insecure: 'voiceInsecure',
  unsupported: 'voiceUnsupported',
  NotAllowedError: 'voiceNotAllowed',
  NotFoundError: 'voiceNotFound',
  NotReadableError: 'voiceNotReadable',
}

/** Addresses are found within moments; one that is not is done without. */
const GATHER_MS = 3_000
const CONNECT_MS = 12_000
/** What counts as silence and as loud, in decibels of full scale. */
const QUIETEST_DB = -60
const LOUDEST_DB = -6

/** The browser cannot talk; `advice` says what to do. */
export class VoiceFailure extends Error {
  constructor(reason, options) {
    super(reason, options)
    this.name = 'VoiceFailure'
    this.advice = words(ADVICE[reason] ?? 'voiceOther', { reason })
  }
}

/**
 * Asks for the microphone. `filters`: the browser takes echo and noise out of it.
 * @returns {Promise<MediaStream>} rejects with a `VoiceFailure`
 */
export async function openMicrophone({ filters }) {
  if (!window.isSecureContext) throw new VoiceFailure('insecure')
  if (!navigator.mediaDevices?.getUserMedia) throw new VoiceFailure('unsupported')
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: filters, noiseSuppression: filters, autoGainControl: filters },
    })
  } catch (cause) {
    throw new VoiceFailure(cause.name, { cause })
  }
}

/** Lets go of a microphone, so that the browser shows it as unused. */
export function closeMicrophone(microphone) {
  for (const track of microphone?.getTracks() ?? []) track.stop()
}

/**
 * Connects this browser with a call: what the microphone hears goes there, what comes is played.
 * @param {object} given
 * @param {MediaStream} [given.microphone] closed with the voice; without one the other side hears silence
 * @param {RTCIceServer[]} given.iceServers
 * @param {(sdp: string) => Promise<{sdp: string}>} given.exchange gives the server's answer to an offer
 * @param {(state: 'connecting' | 'connected' | 'interrupted' | 'unreachable' | 'lost' | 'unplugged') => void} given.onState
 */
export async function connectVoice({ microphone, iceServers, exchange, onState }) {
  if (!window.RTCPeerConnection) throw new VoiceFailure('unsupported')
  const connection = new RTCPeerConnection({ iceServers })
  const context = new AudioContext()
  const audio = element('audio', { hidden: true, autoplay: true })
  const spoken = microphone ?? openSilence(context)
  const levels = { spoken: () => 0, heard: () => 0 }
  let wasConnected = false
  let isClosed = false
  const giveUp = setTimeout(() => end('unreachable'), CONNECT_MS)

  connection.addEventListener('connectionstatechange', showState)
  connection.addEventListener('track', ({ track, streams: [stream = new MediaStream([track])] }) => {
    audio.srcObject = stream
    levels.heard = measure(context, stream)
  })
  document.body.append(audio)
  try {
    for (const track of spoken.getAudioTracks()) {
      connection.addTrack(track, spoken)
      track.addEventListener('ended', () => isClosed || onState('unplugged'))
    }
    levels.spoken = measure(context, spoken)
    await connection.setLocalDescription(await connection.createOffer())
    await gathered(connection)
    const { sdp } = await exchange(connection.localDescription.sdp)
    if (!isClosed) await connection.setRemoteDescription({ type: 'answer', sdp })
  } catch (error) {
    close()
    throw error
  }

  function showState() {
    switch (connection.connectionState) {
      case 'connected':
        clearTimeout(giveUp)
        wasConnected = true
        // A browser that was told to be quiet starts with the press of a button, of which there was one.
        void context.resume()
        return onState('connected')
      case 'disconnected':
        return onState('interrupted')
      case 'failed':
      case 'closed':
        return end(wasConnected ? 'lost' : 'unreachable')
    }
  }

  function end(state) {
    if (isClosed) return
    close()
    onState(state)
  }

  function close() {
    if (isClosed) return
    isClosed = true
    clearTimeout(giveUp)
    closeMicrophone(spoken)
    connection.close()
    audio.srcObject = null
    audio.remove()
    void context.close()
  }

  return {
    /** How loud it is in both directions, 0 to 1. */
    levels: () => (isClosed ? { spoken: 0, heard: 0 } : { spoken: levels.spoken(), heard: levels.heard() }),
    setMuted(isMuted) {
      for (const track of spoken.getAudioTracks()) track.enabled = !isMuted
    },
    close,
  }
}

/** Sound that is none, and is sent all the same: a browser that sends nothing counts as gone. */
function openSilence(context) {
  const destination = context.createMediaStreamDestination()
  // Without a source that runs, browsers send nothing.
  const source = new ConstantSourceNode(context, { offset: 0 })
  source.connect(destination)
  source.start()
  return destination.stream
}

/** Resolves when every address is in the offer. */
function gathered(connection) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS)
    const look = () => {
      if (connection.iceGatheringState !== 'complete') return
      clearTimeout(timer)
      resolve()
    }
    connection.addEventListener('icegatheringstatechange', look)
    look()
  })
}

/** Gives a function that tells how loud a stream is, 0 to 1. */
function measure(context, stream) {
  const analyser = context.createAnalyser()
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  return () => {
    analyser.getFloatTimeDomainData(samples)
    const square = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
    const decibels = 10 * Math.log10(square)
    return Math.min(1, Math.max(0, (decibels - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)))
  }
}
