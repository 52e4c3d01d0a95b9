// The repairs must be in place before any module of the library is evaluated.
import './patches/index.ts'

export type { WASocket } from '@whiskeysockets/baileys'
export * from '@whiskeysockets/baileys/lib/Defaults/index.js'
// Its parts, not its index, which loads 3 MB about what the official client measures: nobody asks for that.
export { default as makeWASocket } from '@whiskeysockets/baileys/lib/Socket/index.js'
export * from '@whiskeysockets/baileys/lib/Types/index.js'
export * from '@whiskeysockets/baileys/lib/Utils/index.js'
export { getMessageReportingToken } from '@whiskeysockets/baileys/lib/Utils/reporting-utils.js'
export { isTcTokenExpired, shouldSendNewTcToken } from '@whiskeysockets/baileys/lib/Utils/tc-token-utils.js'
export * from '@whiskeysockets/baileys/lib/WABinary/index.js'
export * from '@whiskeysockets/baileys/lib/WAUSync/index.js'
export * from '@whiskeysockets/baileys/WAProto/index.js'
