import { z } from 'zod'
import type { TalkStream } from '../../../http/endpoint/dialect.ts'
import { ApiError } from '../../../lib/errors.ts'
import { openCallLine, requireLine } from '../../../operations/calls/call-line.ts'
import { voiceIsOff } from '../../../operations/calls/own-calls.ts'
import { CALLS_NOTE } from '../../shared/call-words.ts'
import { asUser } from '../auth.ts'
import { asCall } from '../shapes/call-failures.ts'

const accept = asCall(requireLine)

/** The sound of a call as messages of samples, both ways. */
export const callStream: TalkStream = {
  kind: 'talk',
  path: '/call/ws',
  summary: 'WebSocket with the sound of a call, both ways',
  description: `Binary frames, both ways: the number of samples as 32 bits, then as many floats of 32 bits from -1 to 1, the lowest byte first; one channel, 16 000 samples per second. A frame has at most four seconds, and at most a minute may wait to be said. When the call ends, a text frame says \`{"type":"ended","reason":"…"}\`. ${CALLS_NOTE}`,
  security: 'token',
  query: z.object({
    token: z.string().optional().describe('The token, where the header cannot be set'),
    call_id: z.string().describe('Id of the call'),
  }),
  async authenticate(head, services) {
    if (!head.header('token') && !head.query.token)
      throw new ApiError('unauthorized', { text: 'token required' })
    return asUser(head, services)
  },
  isOn: ({ calls }) => calls === 'on',
  off: voiceIsOff,
  fail: (error) => ({ status: error.status, text: textOf(error) }),
  async accept(scope, head) {
    await accept(scope, callIdOf(head.query))
  },
  async talk(scope, head, far) {
    const line = await openCallLine(scope, callIdOf(head.query), {
      send: (message) => far.send(message),
      onClosed(reason) {
        if (reason !== '') far.send(JSON.stringify({ type: 'ended', reason }))
        far.end({
          code: 'done',
          reason: reason === '' ? 'another program has taken the call over' : 'the call has ended',
        })
      },
      onFault: (fault) => far.end(fault),
    })
    return { hear: (message) => line.hear(message), closed: () => line.close() }
  },
}

function callIdOf({ call_id: given }: Record<string, string | string[] | undefined>): string {
  const [id = ''] = [given ?? ''].flat()
  if (id === '') throw new ApiError('missing_field', { text: 'call_id required' })
  return id
}

/** The branch says `forbidden` here where its other routes have a sentence. */
function textOf({ status, message }: ApiError): string {
  return status === 403 ? 'forbidden' : message
}
