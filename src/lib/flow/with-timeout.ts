/** Settles as `work` does, or rejects after `ms`, with `fault()`; the work goes on, as nobody can stop it. */
export function withTimeout<Result>(
  work: Promise<Result>,
  ms: number,
  fault: () => Error = () => new Error(`no answer within ${ms} ms`),
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(fault()), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Does `work` with a signal that aborts after `ms`, or with `outer`. */
export async function withDeadline<Result>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController()
  const onAbort = () => controller.abort(outer?.reason)
  const timer = setTimeout(() => controller.abort(new Error(`not done within ${ms} ms`)), ms)
  if (outer?.aborted) onAbort()
  outer?.addEventListener('abort', onAbort, { once: true })
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', onAbort)
  }
}

/** Settles as `work` does, or rejects as soon as `signal` aborts; the work goes on. */
export async function unlessAborted<Result>(
  work: Promise<Result> | Result,
  signal?: AbortSignal,
): Promise<Result> {
  let onAbort = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal?.reason)
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
