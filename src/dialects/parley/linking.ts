import { z } from 'zod'
import type { Authenticate, Dialect } from '../../http/endpoint/dialect.ts'
import { type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import type { UserScope } from '../../operations/services.ts'
import {
  cancelPasskey,
  confirmPasskey,
  type LinkingState,
  linkingState,
  respondToPasskey,
  userOfPage,
} from '../../operations/sessions/passkeys.ts'
import { plainAnswers } from './plain-answers.ts'

/** Where the key of a page is; it stands behind the `#` of the page's address, which browsers do not send. */
const KEY_HEADER = 'Linking-Key'

const asPage: Authenticate = async (head, services) => ({
  kind: 'user',
  user: await userOfPage(services, head.header(KEY_HEADER) ?? ''),
  power: 'full',
})

const state = reply(
  z.object({
    stage: z
      .enum(['required', 'submitting', 'awaitingPhone', 'confirm', 'finishing', 'waiting', 'linked', 'over'])
      .describe('What is waited for: the browser, WhatsApp, the phone, a person, the phone again'),
    failure: z
      .enum([
        '',
        'no_answer',
        'phone_did_not_continue',
        'not_confirmed',
        'phone_did_not_finish',
        'refused',
        'bad_phone_answer',
        'cancelled',
        'connection_lost',
      ])
      .describe('Why it is over without a link'),
    publicKey: z.looseObject({}).nullable().describe('The question for the browser (WebAuthn)'),
    code: z.string().describe('To compare with the phone'),
    skipHandoff: z.boolean().describe('Nobody has to compare: the phone knows this device by its code'),
    endsAt: z.int().describe('When this stage ends, unix milliseconds'),
  }),
  ({ options, ...shown }: LinkingState) => ({
    ...shown,
    publicKey: options === '' ? null : JSON.parse(options),
  }),
)

const done = reply(z.object({ ok: z.boolean() }), () => ({ ok: true }))

/** What the browser gave: the page and the extension send it as it is, with whatever members it has. */
const answer = z.looseObject({})

const endpoints: Endpoint[] = [
  get('/state', { summary: 'How the linking stands', needs: 'stored', run: linkingState, reply: state }),
  post('/response', {
    summary: 'Answer of the passkey, as the browser gave it',
    needs: 'stored',
    body: answer,
    run: respondToPasskey,
    input: ({ body }) => ({ answer: body }),
    reply: done,
  }),
  post('/confirm', {
    summary: 'The code is the one on the phone',
    needs: 'stored',
    run: (scope: UserScope) => confirmPasskey(scope),
    reply: done,
  }),
  post('/cancel', {
    summary: 'Give the linking up; a new code is shown',
    needs: 'stored',
    run: (scope: UserScope) => cancelPasskey(scope),
    reply: done,
  }),
]

/** The pages of linkings with a passkey: whoever has the key of one may follow it and answer, and nothing else. */
export const linking: Dialect = {
  name: 'link',
  title: 'Linking with a passkey',
  groups: [{ tag: 'Linking', security: 'page', authenticate: asPage, endpoints }],
  securitySchemes: { page: { type: 'apiKey', in: 'header', name: KEY_HEADER } },
  ...plainAnswers,
  // The browser answers on WhatsApp's own page: the extension sends the answer from there.
  cors: { origins: () => ['https://web.whatsapp.com'], headers: ['Content-Type', KEY_HEADER] },
}
