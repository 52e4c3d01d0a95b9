import { ContextStorage } from './promise-context.ts'

/** A request that is being served. */
interface RequestContext {
  id: string
  /** Who is calling, once that is known. */
  caller: string
}

const requests = new ContextStorage<RequestContext>()

/** Who is calling as long as nobody has looked. */
const SOMEBODY = 'somebody'

/** Does `work` on behalf of a request: every line it logs, also later and elsewhere, carries the id of the request. */
export function inRequest<Result>(id: string, work: () => Result): Result {
  return requests.run({ id, caller: SOMEBODY }, work)
}

/** The id of the request on whose behalf the calling code runs. */
export function currentRequest(): string | undefined {
  return requests.getStore()?.id
}

/** Notes who makes the present request: users share with each other what all requests of one may take. */
export function nameCaller(caller: string): void {
  const request = requests.getStore()
  if (request) request.caller = caller
}

/** On whose behalf the calling code runs; undefined for what the server does by itself. */
export function currentCaller(): string | undefined {
  return requests.getStore()?.caller
}

/** `work` on behalf of the present request, for code that is about to leave every context behind. */
export function forThisRequest<Result>(work: () => Result): () => Result {
  const request = requests.getStore()
  return request === undefined ? work : () => requests.run(request, work)
}

/** Does `work` on nobody's behalf, although a request has begun it: it goes on for all. */
export function forAll<Result>(work: () => Result): Result {
  return requests.exit(work)
}
