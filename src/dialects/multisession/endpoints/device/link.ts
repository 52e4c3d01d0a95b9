import { z } from 'zod'
import { del, type Endpoint, get, post, type Reply, reply } from '../../../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../../../http/endpoint/fields.ts'
import { limits } from '../../../../lib/limits.ts'
import { checkNumbers } from '../../../../operations/contacts/contacts.ts'
import {
  type LinkStart,
  reconnectDevice,
  startCodeLink,
  startQrLink,
  unlinkLinked,
} from '../../../../operations/customers/device-link.ts'
import type { UserScope } from '../../../../operations/services.ts'
import { answer, done, ok } from '../../envelope.ts'
import { phoneNumber } from '../../shapes/fields.ts'

/** How long a QR code can be scanned, in seconds. */
const SCAN_SECONDS = 60
/** How long a code can be typed, in seconds. */
const TYPE_SECONDS = 160
const RECONNECTED = 'WhatsApp Client is Reconnected'
const NEW_CODE = 'Success Generate QR Code'

interface ShownCode {
  start: LinkStart
  isPage: boolean
}

/** Shows a code for the next minute, or connects a device that is linked already. */
async function login(scope: UserScope, { isPage }: { isPage: boolean }): Promise<ShownCode> {
  return { start: await startQrLink(scope), isPage }
}

function page(code: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Link a phone</title>
  </head>
  <body>
    <img src="${code}" alt="QR code to scan with the phone">
    <p>
      <b>QR Code Scan</b>
      <br>
      Timeout in ${SCAN_SECONDS} Second(s)
    </p>
  </body>
</html>
`
}

/** The code as a page or as JSON, and a sentence where there is none to show. */
const shownCode: Reply<ShownCode> = reply<ShownCode>(
  z.union([
    z.string(),
    z.object({
      status: z.literal(true),
      code: z.int(),
      message: z.string(),
      data: z.object({ QRCode: z.string(), Timeout: z.int() }).optional(),
    }),
  ]),
  ({ start, isPage }) => {
    if (start.kind === 'reconnected') return ok({ message: RECONNECTED }, 200)
    if (isPage) return page(start.code)
    return ok({ message: NEW_CODE, data: { QRCode: start.code, Timeout: SCAN_SECONDS } }, 200)
  },
  {
    bare: true,
    contentType: {
      all: ['text/html; charset=utf-8', 'application/json'],
      of: ({ start, isPage }) =>
        isPage && start.kind === 'code' ? 'text/html; charset=utf-8' : 'application/json',
    },
  },
)

/** Whether a number is on WhatsApp; one that cannot be looked up now counts as one that is not. */
async function isRegistered({ user, services }: UserScope, phone: string): Promise<string> {
  try {
    const [found] = await checkNumbers(services.sessions.live(user.id), [phone])
    return found?.exists ? found.jid : ''
  } catch (error) {
    services.log.debug({ err: error, user: user.id }, 'could not look a number up')
    return ''
  }
}

const output = z
  .unknown()
  .transform((given) => (typeof given === 'string' ? given.toLowerCase() : ''))
  .optional()

export const linkEndpoints: Endpoint[] = [
  post('/devices/me/login', {
    summary:
      'Show a QR code to link the device, as a page or with output=json; a linked device connects anew',
    needs: 'stored',
    ignoresUndecodable: true,
    query: z.object({ output: textUpTo(limits.name, z.string()).optional() }),
    body: z.object({ output }),
    run: login,
    input: ({ body, query }) => ({ isPage: (body.output || (query.output ?? '').toLowerCase()) !== 'json' }),
    reply: shownCode,
  }),

  post('/devices/me/login-code', {
    summary: 'Get a code to type on the phone; a linked device connects anew',
    needs: 'stored',
    body: z.object({ phone: phoneNumber('Phone is required') }),
    run: startCodeLink,
    input: ({ body }) => body.phone,
    reply: answer(
      'Success Generate Pairing Code',
      z.object({ PairCode: z.string(), Timeout: z.int() }),
      (start: LinkStart) =>
        start.kind === 'code'
          ? { PairCode: start.code, Timeout: TYPE_SECONDS }
          : { PairCode: RECONNECTED, Timeout: 0 },
    ),
  }),

  post('/devices/me/reconnect', {
    summary: 'Connect a linked device anew; whether WhatsApp accepts it is seen in its status',
    needs: 'stored',
    run: reconnectDevice,
    reply: done('Success reconnect device'),
  }),

  del('/devices/me/session', {
    summary: 'Unlink the device from its account',
    needs: 'stored',
    run: unlinkLinked,
    reply: done('Success logout device'),
  }),

  get('/devices/me/contacts/{phone}/registered', {
    summary: 'Check whether a number is on WhatsApp',
    needs: 'stored',
    params: z.object({ phone: phoneNumber() }),
    run: isRegistered,
    input: ({ params }) => params.phone,
    reply: answer(
      'Success check registered phone',
      z.object({ IsRegistered: z.boolean(), JID: z.string() }),
      (jid: string) => ({ IsRegistered: jid !== '', JID: jid }),
    ),
  }),
]
