import { isatty } from 'node:tty'
import type { Config } from '../config/config.ts'
import { logOutput } from '../lib/process/log-output.ts'
import { createLogger, type Logger } from '../lib/process/logger.ts'

/** The logger of a process, as the settings want it: where they do not say, a terminal gets text and a program JSON. */
export function openLog({ logLevel, logType, logColor, mode }: Config): Logger {
  const toStandardError = mode === 'stdio'
  const isForPeople = logType === undefined ? isatty(toStandardError ? 2 : 1) : logType === 'console'
  const format = { toStandardError, isForPeople, hasColor: logColor }
  return createLogger(logLevel, logOutput(format))
}
