// The repairs must be in place before any module of the library is evaluated.
import './repairs.ts'

export * from '@whiskeysockets/baileys'
export { makeWASocket } from '@whiskeysockets/baileys'
