import type { CallEngine } from '../calls/engine.ts'
import type { Config } from '../config/config.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Ffmpeg } from '../media/convert/ffmpeg.ts'

type CallConfig = Pick<Config, 'calls' | 'callPublicIp' | 'callUdpPorts' | 'callStun'>

/**
 * Loads the media of voice calls where they are wanted. Without them nothing of it is in memory: the libraries take about
 * 30 MB.
 */
export async function loadCalls(
  config: CallConfig,
  { ffmpeg, log }: { ffmpeg: Ffmpeg; log: Logger },
): Promise<CallEngine | undefined> {
  if (config.calls === 'off') return undefined
  log.warn(
    'voice calls are experimental: they are tested with the simulated WhatsApp only, not with the real one; automated calls ' +
      'can get a number banned, and recording needs the consent the law asks for',
  )
  const { CallEngine: Engine } = await import('../calls/engine.ts')
  return new Engine({
    ffmpeg,
    log,
    network: {
      publicAddress: config.callPublicIp,
      udpPorts: config.callUdpPorts,
      stunServers: config.callStun ?? [],
    },
  })
}
