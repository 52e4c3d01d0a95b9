import type { EventType } from '../events/event.ts'
import type { DeliveryEncoder, ErrorReportEncoder, EventRenderers } from '../events/renderer.ts'
import type { ApiError } from '../lib/errors.ts'
import type { Services } from '../operations/services.ts'
import type { User } from '../store/users.ts'
import type { Endpoint } from './endpoint.ts'

/** What a request looks like before its body is read: all an authenticator may see. */
export interface RequestHead {
  method: string
  path: string
  params: Record<string, string>
  query: Record<string, string | string[] | undefined>
  header(name: string): string | undefined
}

/** Who is calling. Only a `user` principal can reach a session, and only its own. */
export type Principal = { kind: 'user'; user: User } | { kind: 'admin' } | { kind: 'anyone' }

/** Sees headers, query and path, never the body: that is what allows a request to be forwarded unread. */
export type Authenticate = (head: RequestHead, services: Services) => Promise<Principal>

/** Endpoints that share a chapter of the documentation and a way to authenticate. */
export interface EndpointGroup {
  tag: string
  /** Name of the OpenAPI security scheme, `none` for public endpoints. */
  security: string
  authenticate: Authenticate
  endpoints: Endpoint[]
}

/** Everything a REST dialect supplies; mounting, documentation and tests are loops over it. */
export interface Dialect {
  name: string
  title: string
  groups: EndpointGroup[]
  securitySchemes: Record<string, object>
  /** Envelope of a success. */
  ok(data: unknown, status: number): unknown
  /** Exact wording and shape of a failure. */
  fail(error: ApiError, context: { profile: string }): { status: number; body: unknown }
  /** The schema of a success envelope and of a failure, for the documentation. */
  envelope: { ok(data: object): object; fail: object }
  /** The profile in force for a caller, `user` being absent before authentication and for administrators. */
  profile(services: Services, user?: User): string
  /** Serialises a reply body; wuzapi sorts keys and escapes HTML characters as Go does. */
  stringify(body: unknown): string
  /** Content type of an answer, unless its endpoint says otherwise. */
  contentType: string
}

/** A dialect that also has words for events. */
export interface EventDialect extends Dialect {
  /** How the dialect tells its receivers what happened. */
  events: EventRenderers
  /** The name subscriptions know each event by; the same one the renderer gives. */
  eventNames: { [T in EventType]?: string }
  /** How a rendered event is written onto the wire: format, escaping, signature. */
  encode: DeliveryEncoder
  /** What the error queue gets for a webhook delivery that was given up. */
  encodeErrorReport: ErrorReportEncoder
}

/** A dialect and where it is served: `/` or a path such as `/wago`. */
export interface MountedDialect {
  dialect: Dialect
  base: string
}
