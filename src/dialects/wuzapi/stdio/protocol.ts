import type { LineProtocol } from '../../../http/endpoint/dialect.ts'
import { parseRequest, printAnswer, printError, RpcError } from './json-rpc.ts'
import { methodsOf, ParameterError, requestOf } from './methods.ts'

/** The original reads no longer lines. */
const MAX_BYTES = 512 * 1024
/** Of a method nobody has, what is told back. */
const SHOWN_METHOD = 100

/** JSON-RPC on standard input and output: each route is a method, with a token among its parameters. */
export const lineProtocol: LineProtocol = {
  maxBytes: MAX_BYTES,
  tooLong: printError(null, {
    code: 400,
    message: `invalid JSON request: a line has at most ${MAX_BYTES} bytes`,
  }),
  open(endpoints, ask) {
    const methods = methodsOf(endpoints)
    return async (line) => {
      let id: RpcError['id'] = null
      try {
        const request = parseRequest(line)
        id = request.id
        const { method, params } = request
        const endpoint = methods.get(method)
        if (!endpoint) throw new RpcError(404, `unknown method: ${method.slice(0, SHOWN_METHOD)}`, id)
        return printAnswer(id, await ask(requestOf(method, endpoint, params)))
      } catch (error) {
        if (error instanceof RpcError) return printError(error.id, error)
        if (error instanceof ParameterError) return printError(id, { code: 400, message: error.message })
        throw error
      }
    }
  },
}
