// The repairs must be in place before any module of the library is evaluated.
import './patches/index.ts'

export * from '@whiskeysockets/baileys'
export { makeWASocket } from '@whiskeysockets/baileys'
