import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import {
  type DeviceStatus,
  deviceStatus,
  type PairingCode,
  pairingCode,
} from '../../operations/account/own-device.ts'
import type { UserScope } from '../../operations/services.ts'
import { restartSession } from '../../operations/sessions/named-sessions.ts'
import { logout } from '../../operations/sessions/sessions.ts'

const formats = ['image', 'base64'] as const
type Format = (typeof formats)[number] | undefined

/** A code and the form in which it is wanted. */
interface WantedCode extends PairingCode {
  format: Format
}

async function codeIn(scope: UserScope, format: Format): Promise<WantedCode> {
  return { ...(await pairingCode(scope)), format }
}

const code = reply(
  z.union([z.string(), z.object({ qr: z.string().describe('PNG in base64') })]),
  ({ text, png, format }: WantedCode) => {
    if (format === 'image') return png
    return format === 'base64' ? { qr: Buffer.from(png).toString('base64') } : text
  },
  {
    bare: true,
    contentType: {
      all: ['text/plain; charset=utf-8', 'image/png', 'application/json'],
      of: ({ format }) =>
        ({ image: 'image/png', base64: 'application/json', text: 'text/plain; charset=utf-8' })[
          format ?? 'text'
        ],
    },
  },
)

export const connectionEndpoints: Endpoint[] = [
  get('/api/status', {
    summary: 'Connection state and the linked device',
    needs: 'stored',
    power: 'any',
    run: deviceStatus,
    reply: reply(
      z.object({
        connected: z.boolean(),
        loggedIn: z.boolean(),
        device: z.string().describe('JID of the linked device, empty while there is none'),
        pushName: z.string(),
        platform: z.string(),
      }),
      ({ connected, loggedIn, device }: DeviceStatus) => ({
        connected,
        loggedIn,
        device: device?.jid ?? '',
        pushName: device?.pushName ?? '',
        platform: device?.platform ?? '',
      }),
    ),
  }),

  get('/api/qr', {
    summary: 'QR code to scan; a session that does not run is started to get one',
    needs: 'stored',
    query: z.object({
      format: z
        .enum(formats, 'format must be image or base64, or left out')
        .optional()
        .describe('image: PNG; base64: JSON with the PNG; raw text when left out'),
    }),
    power: 'full',
    run: codeIn,
    input: ({ query }) => query.format,
    reply: code,
  }),

  post('/api/reconnect', {
    summary: 'Disconnect and connect again; a new QR code appears if pairing is needed',
    needs: 'stored',
    run: restartSession,
    reply: reply(z.object({ status: z.string() }), () => ({ status: 'reconnecting' })),
  }),

  post('/api/logout', {
    summary: 'Unlink the device',
    needs: 'stored',
    run: logout,
    reply: reply(z.object({ status: z.string() }), () => ({ status: 'logged out' })),
  }),
]
