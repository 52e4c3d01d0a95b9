import type { Config } from '../config/config.ts'
import { logOutput } from '../lib/process/log-output.ts'
import { createLogger, type Logger } from '../lib/process/logger.ts'

/** The logger of a process, as the settings want it. */
export function openLog({ logLevel, logType, logColor, mode }: Config): Logger {
  const format = { toStandardError: mode === 'stdio', isForPeople: logType === 'console', hasColor: logColor }
  return createLogger(logLevel, logOutput(format))
}
