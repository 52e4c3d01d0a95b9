import { AsyncLocalStorage } from 'node:async_hooks'

const requests = new AsyncLocalStorage<string>()

/** Does `work` on behalf of a request: every line it logs, also later and elsewhere, carries the id of the request. */
export function inRequest<Result>(id: string, work: () => Result): Result {
  return requests.run(id, work)
}

/** The id of the request on whose behalf the calling code runs. */
export function currentRequest(): string | undefined {
  return requests.getStore()
}

/** `work` on behalf of the present request, for code that is about to leave every context behind. */
export function forThisRequest<Result>(work: () => Result): () => Result {
  const id = currentRequest()
  return id === undefined ? work : () => inRequest(id, work)
}
