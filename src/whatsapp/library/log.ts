import type { Logger } from '../../lib/process/logger.ts'
import type { SocketConfig } from './engine.ts'

type LibraryLogger = SocketConfig['logger']

/**
 * The library's log one level quieter: what it calls an error (every restart after a pairing, say) heals itself or
 * reaches the state machine, and what it warns of happens at every start. `hear` gets all but its errors, also the finest
 * level, which is not logged.
 */
export function libraryLog(
  log: Logger,
  hear: (details: unknown, message?: string) => void = () => {},
): LibraryLogger {
  const quieter: LibraryLogger = {
    // The library only asks whether it is `trace`, to print every stanza; those must never reach a log.
    level: log.level === 'trace' ? 'debug' : log.level,
    child: () => quieter,
    trace: hear,
    debug: () => {},
    info: (details, message) => {
      hear(details, message)
      log.trace(details, message)
    },
    warn: (details, message) => {
      hear(details, message)
      log.debug(details, message)
    },
    error: (details, message) => {
      // How a stream ended is the state machine's to report; most ends are part of linking.
      if (message === 'stream errored out') log.debug(details, message)
      // It gives the whole stanza, in which there may be the keys of a live call.
      else if (message === 'error in handling call')
        log.warn({ ...asObject(details), node: undefined }, message)
      else log.warn(details, message)
    },
  }
  return quieter
}

function asObject(details: unknown): object {
  return typeof details === 'object' && details !== null ? details : {}
}
