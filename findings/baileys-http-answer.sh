#!/bin/sh
# Baileys 7.0.0-rc14: an ordinary HTTP answer in the place of the WebSocket (a 503 of a load balancer, with
# `Connection: close`) ends nothing. One would expect `connection: 'close'` with the status, as the library's own
# mapping of "Unexpected server response: 503" suggests, or at least a time-out after `connectTimeoutMs`. Neither comes:
# the library listens to `unexpected-response`, which tells `ws` that somebody has taken care of it, and the time limit
# of `ws` is one of the request, which has ended. The socket stays "connecting" for ever.
#
# Output seen, with Node 20.20.2:
#   asked 1 time(s) and answered 503
#   after 30 s: told ["connecting"], connecting true
#
# Ends with 0 while that is so, and with another status when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @whiskeysockets/baileys@7.0.0-rc14 pino@9.14.0
cat >try.mjs <<'PROGRAM'
import { createServer } from 'node:http'
import { initAuthCreds, makeWASocket } from '@whiskeysockets/baileys'
import { pino } from 'pino'

let asked = 0
const server = createServer()
server.on('upgrade', (_request, socket) => {
  asked++
  socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

const told = []
const socket = makeWASocket({
  waWebSocketUrl: `ws://127.0.0.1:${server.address().port}/ws/chat`,
  auth: { creds: initAuthCreds(), keys: { get: async () => ({}), set: async () => {} } },
  logger: pino({ level: 'silent' }),
  connectTimeoutMs: 5_000,
})
socket.ev.on('connection.update', ({ connection }) => connection && told.push(connection))

setTimeout(() => {
  console.log(`asked ${asked} time(s) and answered 503`)
  console.log(`after 30 s: told ${JSON.stringify(told)}, connecting ${socket.ws.isConnecting}`)
  process.exit(asked === 1 && !told.includes('close') && socket.ws.isConnecting ? 0 : 1)
}, 30_000)
PROGRAM
node try.mjs
