import { words } from './words.js'

const RATE = 16_000
const MAX_SECONDS = 30
const HEAD_BYTES = 44

/**
 * Any sound file the browser can play as the WAV that simulated phones say: one channel, 16 bits, 16 000 samples a second, the
 * first half minute of it; in base64. Rejects with an error that has `advice`.
 * @param {File} file
 */
export async function wavOf(file) {
  const samples = await samplesOf(file)
  const wav = new DataView(new ArrayBuffer(HEAD_BYTES + samples.length * 2))
  writeHead(wav, samples.length * 2)
  for (const [at, sample] of samples.entries())
    wav.setInt16(HEAD_BYTES + at * 2, Math.max(-1, Math.min(1, sample)) * 32_767, true)
  return base64Of(new Uint8Array(wav.buffer))
}

async function samplesOf(file) {
  const context = new OfflineAudioContext(1, RATE * MAX_SECONDS, RATE)
  try {
    const sound = await context.decodeAudioData(await file.arrayBuffer())
    const source = new AudioBufferSourceNode(context, { buffer: sound })
    source.connect(context.destination)
    source.start()
    const rendered = await context.startRendering()
    return rendered.getChannelData(0).subarray(0, Math.ceil(sound.duration * RATE))
  } catch (cause) {
    throw Object.assign(new Error('no sound', { cause }), { advice: words('soundUnreadable') })
  }
}

/** RIFF, PCM. */
function writeHead(wav, bytes) {
  const text = (at, words) => {
    for (const [index, letter] of [...words].entries()) wav.setUint8(at + index, letter.charCodeAt(0))
  }
  text(0, 'RIFF')
  wav.setUint32(4, HEAD_BYTES - 8 + bytes, true)
  text(8, 'WAVEfmt ')
  wav.setUint32(16, 16, true)
  wav.setUint16(20, 1, true)
  wav.setUint16(22, 1, true)
  wav.setUint32(24, RATE, true)
  wav.setUint32(28, RATE * 2, true)
  wav.setUint16(32, 2, true)
  wav.setUint16(34, 16, true)
  text(36, 'data')
  wav.setUint32(40, bytes, true)
}

function base64Of(bytes) {
  const pieces = []
  for (let at = 0; at < bytes.length; at += 0x8000)
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)))
  return btoa(pieces.join(''))
}
