import { ApiError } from '../../../lib/errors.ts'
import type { UserScope } from '../../../operations/services.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { keepName } from '../../shared/keep-name.ts'
import { live } from './live.ts'

/** What WhatsApp's codes mean for whoever asked; every other one is the server's failure. */
const MEANT: Record<number, number> = {
  400: 400,
  401: 403,
  403: 403,
  404: 404,
  406: 400,
  409: 409,
  410: 404,
  429: 429,
}

/** What is wrong with a session that cannot ask. */
const OFFLINE: readonly string[] = ['not_connected', 'not_logged_in']

/** The dialect's sentences for refusals, by the status they are answered with. */
export type Sentences = Readonly<Record<number, string>>

/**
 * The operation as an endpoint runs it. That it is more than a function is for the compiler, which takes the types of an
 * endpoint from the function of a call only if it is not a plain one.
 */
type Asking<Input, Result> = ((scope: UserScope, input: Input) => Promise<Result>) & { readonly name: string }

/**
 * An operation on a session that asks WhatsApp about something the caller named: a refusal is answered with the status
 * that is meant, where the original answers 500. Otherwise as `live`.
 */
export function asked<Input, Result>(
  operation: (session: LiveSession, input: Input) => Promise<Result>,
  sentences: Sentences = {},
): Asking<Input, Result> {
  const run = live(operation)
  const asking = (scope: UserScope, input: Input) =>
    run(scope, input).catch((error: unknown) => {
      throw meant(error, sentences)
    })
  return keepName(operation, asking)
}

function meant(error: unknown, sentences: Sentences): unknown {
  if (!(error instanceof ApiError)) return error
  // The dialect has sentences of its own for these.
  if (OFFLINE.includes(error.code)) return new ApiError(error.code, {}, { cause: error })
  const status = statusOf(error)
  if (status === undefined) return error
  const text = sentences[status] ?? error.message
  return new ApiError(error.code, { ...error.details, status, text }, { cause: error })
}

function statusOf({ code, details }: ApiError): number | undefined {
  if (code === 'not_found') return 404
  // A file that is not what it is sent as.
  if (code === 'media_unavailable') return 400
  return MEANT[Number(details.refusal?.code)]
}
