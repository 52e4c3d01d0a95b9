import { connect } from 'node:net'

/** Sends bytes that no HTTP client would send, and resolves with whatever comes back until the other end closes. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.once('close', () => resolve(answer))
    socket.once('error', reject)
    socket.setTimeout(20_000, () => socket.destroy(new Error(`no end after ${JSON.stringify(answer)}`)))
  })
}

/** Requests whose target, name or upgrade makes no sense; each ends its connection. */
export const oddRequests = [
  'GET // HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET //[ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'POST //sandbox/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
  'GET /% HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET /sandbox/contacts/%E0%A4%A/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET /sandbox/contacts/%/messages?%=% HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'POST /mms/%/%?% HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
  'GET /v/%00%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET http:// HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET http://[::1/sandbox/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET http://%/sandbox/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'GET mailto:somebody HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /sandbox/state HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n',
  'GET /sandbox/state HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n',
  'GET /sandbox/state HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n',
  'GET /sandbox/state HTTP/1.0\r\n\r\n',
  'GET // HTTP/1.1\r\nHost: [\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
  'GET /%?% HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c, nonsense\r\n\r\n',
  'GET /ws/chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: %\r\nSec-WebSocket-Version: 99\r\n\r\n',
  'POST /sandbox/scan HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n\r\n',
  '\x16\x03\x01\x00\x05hello\r\n\r\n',
]
