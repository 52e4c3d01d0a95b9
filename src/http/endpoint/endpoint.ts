import type { ZodType } from 'zod'
import type { CustomerScope, Services, UserScope } from '../../operations/services.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { NeededPower } from '../guard/powers.ts'
import type { Principal } from './dialect.ts'

/** The verbs an endpoint may have; any other is an unknown path. */
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** What an operation acts on: a connected session, a user's row, a customer, or the server as a whole. */
export interface Subjects {
  live: LiveSession
  stored: UserScope
  customer: CustomerScope
  none: Services
}

export type Needs = keyof Subjects

/** How an operation's result is written: its documented shape and the function that makes it. */
export interface Reply<Result> {
  schema: ZodType
  status: number
  render: (result: Result, context: ReplyContext) => unknown
  /** `bare` replies are sent as they are, outside the dialect's envelope; one that is a string is sent unserialised. */
  bare?: boolean
  /** Content type of a success, when it differs from that of failures. */
  contentType?: string | ContentTypes<Result>
  /** Further headers of a success. */
  headers?: (result: Result) => Record<string, string>
}

/** Content types among which the result decides. */
export interface ContentTypes<Result> {
  all: string[]
  of(result: Result): string
}

/** What a reply may depend on besides the result. */
export interface ReplyContext {
  /** The dialect's profile in force for this caller, where it has several. */
  profile: string
  /** IANA name of the zone instants are printed in: `America/Sao_Paulo`. */
  timeZone: string
  /** Who is calling: what a key with less power than the token must not see is left out. */
  caller: Principal
}

/** The decoded parts of a request, `undefined` where the endpoint declares no schema. */
export interface Parts<Body, Query, Params> {
  body: Body
  query: Query
  params: Params
}

/** One route of a dialect: its words, its operation and its answer. */
export interface EndpointSpec<Need extends Needs, Body, Query, Params, Input, Given extends Input, Result> {
  /** One line for the documentation. */
  summary: string
  /** What a caller has to know besides. */
  description?: string
  /** The only profile of the server in which the route exists; in all of them when left out. */
  profile?: string
  /** What `run` needs (default `live`); checked before the body is read. */
  needs?: Need
  /**
   * What it takes to call it, where that does not follow from the method and `repeatable` (`src/http/guard/powers.ts`): a
   * key that may read, one that may send, any of the two, or nothing less than the token of the user.
   */
  power?: NeededPower
  /** A refusal that does not depend on the request: called after `needs`, before the body is read. */
  before?: (subject: Subjects[Need]) => void | Promise<void>
  /**
   * Fields are checked in declaration order and only the first problem is reported. A value of the wrong type (absent
   * and null count as missing, not as wrong), or an issue whose `params` say `undecodable: true`, means the body could
   * not be decoded at all: `invalid_payload`, whatever else is wrong.
   */
  body?: ZodType<Body>
  /** A body for the documentation, where what its schema demands is not all that makes one. */
  example?: object
  /** The sentence for a body that cannot be decoded, when it differs from the catalogue's. */
  undecodable?: string
  /** A body that cannot be decoded counts as an empty one. */
  ignoresUndecodable?: boolean
  /** The node that has what the path names, '' for any: the others pass the request on before its body is read. */
  node?: (params: Record<string, string>) => string
  /** Refuses what the path names before the body is read: what is not there, for instance. */
  accept?: (subject: Subjects[Need], params: Params) => void | Promise<void>
  query?: ZodType<Query>
  params?: ZodType<Params>
  /** The operation; its name labels the metrics. */
  run: (subject: Subjects[Need], input: Input) => Result | Promise<Result>
  /**
   * A request that is made again, by its header `Idempotency-Key`, gets the first answer and happens once. `message`: the
   * operation's `id` names the message it sends, which makes a request that was interrupted the same message when it is
   * repeated, and makes an id that the caller gives a key as well. `change`: doing it twice changes nothing, or, as
   * with a call, nothing is left of what was interrupted.
   */
  repeatable?: Input extends { id?: string } ? 'message' | 'change' : 'change'
  /** The dialect's words -> the operation's parameter. May throw ApiError for checks that come after decoding. */
  input?: (parts: Parts<Body, Query, Params>, context: ReplyContext) => Given
  reply: Reply<NoInfer<Awaited<Result>>>
  /**
   * How a failure of `run` reads in this endpoint: `'error sending message: %s'`, %s is the error's own sentence.
   * Only failures of the server's side (status 500 and above) are reworded, and they keep their code.
   */
  failure?: string | StageFailures
  /** Content type of every answer of this endpoint, when it differs from the dialect's. */
  contentType?: string
}

/**
 * How a failure reads by the stage of the work it happened in (`details.stage` of the error), whatever its status;
 * `other` is for the server's failures outside the named stages.
 */
export type StageFailures = Readonly<Record<string, string>>

// biome-ignore lint/suspicious/noExplicitAny: one list holds endpoints of every shape; `Declare` has checked each.
export type Endpoint = { method: Method; path: string } & EndpointSpec<any, any, any, any, any, any, any>

type KeysOf<T> = T extends unknown ? keyof T : never

/** Without it a misspelt optional field passes: TypeScript does not check the members a function returns for excess. */
type NoOtherFields<Given, Input> = [Exclude<KeysOf<Given>, KeysOf<Input>>] extends [never]
  ? unknown
  : { unknownField: Exclude<KeysOf<Given>, KeysOf<Input>> }

/** `path` marks its parameters as Express does (`/users/:id`) or as the references do (`/users/{id}`). */
type Declare = <
  Result,
  Need extends Needs = 'live',
  Body = undefined,
  Query = undefined,
  Params = undefined,
  Input = undefined,
  Given extends Input = Input,
>(
  path: string,
  spec: EndpointSpec<Need, Body, Query, Params, Input, Given, Result> & {
    input?: (...parts: never) => NoOtherFields<Given, Input>
  },
) => Endpoint

const declare =
  (method: Method): Declare =>
  (path, spec) => ({ method, path, ...spec })

export const get = declare('get')
export const post = declare('post')
export const put = declare('put')
export const patch = declare('patch')
export const del = declare('delete')

/** Pairs a schema with the function that renders a result in that shape. */
export function reply<Result>(
  schema: ZodType,
  render: (result: Result, context: ReplyContext) => unknown,
  options: Partial<Pick<Reply<Result>, 'status' | 'bare' | 'contentType' | 'headers'>> = {},
): Reply<Result> {
  const { status = 200, ...rest } = options
  return { schema, render, status, ...rest }
}
