import type { ZodType } from 'zod'
import type { Config } from '../../config/config.ts'
import type { WebhookProfile } from '../../delivery/webhook-profiles.ts'
import type { Event } from '../../events/event.ts'
import type { ApiError } from '../../lib/errors.ts'
import type { Services, UserScope } from '../../operations/services.ts'
import type { Caller } from '../../store/users/caller.ts'
import type { Customer } from '../../store/users/customers.ts'
import type { Login } from '../../store/users/logins.ts'
import type { Power } from '../../store/users/user-keys.ts'
import type { User } from '../../store/users/users.ts'
import type { DocumentWords } from '../document/words.ts'
import type { Rate } from '../guard/token-buckets.ts'
import type { Endpoint, Method } from './endpoint.ts'

/** What a request looks like before its body is read: all an authenticator may see. */
export interface RequestHead {
  method: string
  path: string
  params: Record<string, string>
  query: Record<string, string | string[] | undefined>
  header(name: string): string | undefined
}

/** Who is calling. Only a `user` principal can reach a session, and only its own. */
export type Principal =
  | ({ kind: 'user' } & Caller)
  | { kind: 'customer'; customer: Customer }
  | { kind: 'admin' }
  | { kind: 'login'; login: Login }
  | { kind: 'anyone' }

/** Sees headers, query and path, never the body: that is what allows a request to be forwarded unread. */
export type Authenticate = (head: RequestHead, services: Services) => Promise<Principal>

/** Endpoints that share a chapter of the documentation and a way to authenticate. */
export interface EndpointGroup {
  tag: string
  /** Name of the OpenAPI security scheme, `none` for public endpoints. */
  security: string
  authenticate: Authenticate
  endpoints: Endpoint[]
  /** How many requests to all of them one address may make; every answer tells it in the headers `X-RateLimit-*`. */
  rateLimit?: Rate
}

/** Where callers show who they are, as OpenAPI says it; what they show is never logged, and counted when it is wrong. */
export interface SecurityScheme {
  type: 'apiKey'
  in: 'header'
  name: string
  /** The query parameter that is read where the header is absent. */
  'x-query-parameter'?: string
  /** Keys of a user with less power than its token are taken here as well; every operation says which power it needs. */
  'x-takes-keys'?: true
}

/** Everything a REST dialect supplies; mounting, documentation and tests are loops over it. */
export interface Dialect {
  name: string
  title: string
  groups: EndpointGroup[]
  securitySchemes: Record<string, SecurityScheme>
  /** What its document says besides the declarations; loaded when somebody asks for the document. */
  words?: () => Promise<DocumentWords>
  /** Envelope of a success. */
  ok(data: unknown, status: number): unknown
  /** Exact wording and shape of a failure. */
  fail(error: ApiError, context: { profile: string }): { status: number; body: unknown }
  /** What a failure of an operation is to a caller of its own session, where that takes a look at the store. */
  explain?(error: ApiError, scope: UserScope): Promise<ApiError>
  /** The schema of a success envelope and of a failure, for the documentation. */
  envelope: { ok(data: object): object; fail: object }
  /** The profile in force for a caller, `user` being absent before authentication and for administrators. */
  profile(services: Services, user?: User): string
  /** Serialises a reply body; key order, escapes. */
  stringify(body: unknown): string
  /** Content type of an answer, unless its endpoint says otherwise. */
  contentType: string
  /** How this dialect tells webhooks of its users what happened. */
  webhooks?: WebhookProfile
  /** WebSockets that tell events as they happen, or on which both sides talk, and answers without an end. */
  streams?: Stream[]
  /** How a program that has started this one speaks it; at most one dialect is spoken so. */
  lines?: LineProtocol
  /** Paths match in any letter case, with or without a slash at the end. */
  hasLenientPaths?: boolean
  /** Unknown paths, and known ones asked with another method, are answered in this dialect's words. */
  answersUnknown?: boolean
  /** Headers of every answer. */
  headers?: Readonly<Record<string, string>>
  /** Bodies may be forms as well, and must say what they are. */
  acceptsForms?: boolean
  /** What follows the JSON of a body is a mistake; otherwise it is ignored, as by a decoder of Go that reads one value. */
  hasWholeBodies?: boolean
  /** How hard answers are compressed for whoever takes that, 1 to 9; 0 for not at all. */
  compression?(config: Config): number
  /** The largest body, in bytes; the server's own limit is another one. */
  bodyLimit?(config: Config): number
  /** The longest request line and headers together, in bytes; the server's own limit is 16 KiB. */
  headerLimit?: number
  /** Path before the routes where the dialect is at the root, without slashes at its ends; '' for none. */
  prefix?(config: Config): string
  /** Its document is at `docs/swagger.json` and `docs/swagger.yaml` as well, with a page at `docs/index.html`. */
  hasSwaggerFiles?: boolean
  /** Pages of other origins may call: every key comes in a header, and no browser sends one by itself. */
  cors?: boolean | CorsRules
  /** Every answer carries `X-Request-Id`, the caller's where it sent one, else one in the form of a UUID or the server's. */
  tracesRequests?: boolean | 'uuid'
  /** Whether a caller may ask now, once it is known who that is; asked by the node that the client has reached. Throws. */
  admit?(principal: Principal, services: Services): Promise<void>
  /** How many requests one address may make; without it, or with a `max` of 0, any number. */
  rateLimit?(config: Config): Rate
}

/** A request made inside this process; its path is below the dialect, with the query. */
export interface InnerRequest {
  method: Method
  path: string
  headers: Record<string, string>
  /** JSON. */
  body?: string
}

/** What came of it. */
export interface InnerAnswer {
  status: number
  isJson: boolean
  body: string
}

/** How a dialect is spoken on standard input and output: a line for each request, and one for each answer. */
export interface LineProtocol {
  /** The longest line that is read, in bytes without its end. */
  maxBytes: number
  /** The answer to a longer one. */
  tooLong: string
  /**
   * What answers lines, given the endpoints there are and `ask`, which has them called as by the port, with all checks
   * and limits. Never rejects for anything that a line says.
   */
  open(
    endpoints: Endpoint[],
    ask: (request: InnerRequest) => Promise<InnerAnswer>,
  ): (line: string) => Promise<string>
}

/** Which pages may call, and what their requests may have. */
export interface CorsRules {
  /** Origins such as `https://app.example.com`; one that is `*` stands for all. */
  origins(config: Config): string[]
  /** Headers that requests may have. */
  headers: string[]
}

/** What every stream declares. */
interface StreamBase {
  path: string
  summary: string
  /** Name of the OpenAPI security scheme. */
  security: string
  authenticate: Authenticate
  /** What it takes to open it, where that does not follow from its kind. */
  power?: Power
  /** Whether the operator has switched it on. */
  isOn(config: Config): boolean
}

/** A WebSocket that tells one session's events as they happen. */
export interface EventStream extends StreamBase {
  kind: 'events'
  /** The header with the key. A browser, which cannot set it, offers the subprotocol `key.<base64url of the key>`. */
  keyHeader: string
  /** What is sent for an event; undefined for what is not told. */
  frame(event: Event, context: { user: User; config: Config }): string | undefined
}

/** A WebSocket on which a program and a session talk. */
export interface TalkStream extends StreamBase {
  kind: 'talk'
  description: string
  query: ZodType
  /** Throws where it cannot be opened, in the answer to the request. */
  accept(scope: UserScope, head: RequestHead): void | Promise<void>
  /** Begins to talk. Throws, too; then the WebSocket is closed. */
  talk(scope: UserScope, head: RequestHead, far: FarEnd): Promise<Talk>
  /** Exact wording of a failure before it is open, in plain text; of one that is switched off, too. */
  fail(error: ApiError): { status: number; text: string }
  /** What it is refused with where it is switched off. */
  off(): ApiError
}

/** An answer without an end (`text/event-stream`) on which a session tells what happens, for pages and scripts. */
export interface FeedStream extends StreamBase {
  kind: 'feed'
  description: string
  query?: ZodType
  /** Throws where it cannot be opened, in the answer to the request. */
  accept?(scope: UserScope, head: RequestHead): void
  /** Begins to tell; nobody is heard. Throws, too; then the stream is closed. */
  begin(scope: UserScope, head: RequestHead, far: FarEnd): Promise<Pick<Talk, 'closed'>>
}

/** A WebSocket that a dialect has. */
export type SocketStream = EventStream | TalkStream

/** A stream that a dialect has. */
export type Stream = SocketStream | FeedStream

/** The program at the other end of a stream. What it does not read in time closes it. */
export interface FarEnd {
  send(message: Buffer | string): void
  /** Closes it; nothing is sent any more. */
  end(why: { code: 'done' | 'unacceptable' | 'too-much'; reason: string }): void
}

/** What a session does with what a program says. */
export interface Talk {
  /** Takes a binary message; others are not looked at. Never throws. */
  hear(message: Buffer): void
  /** The WebSocket is closed, whoever closed it. */
  closed(): void
}

/** A dialect and where it is served: `/` or a path such as `/second`. */
export interface MountedDialect {
  dialect: Dialect
  base: string
  /** From where on unknown paths are answered in its words, where that is not the base. */
  unknownFrom?: string
}
