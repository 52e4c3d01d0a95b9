import { AsyncLocalStorage } from 'node:async_hooks'
import { promiseHooks } from 'node:v8'

/** What all storages hold in one asynchronous context; undefined in the context of process start. */
type Frame = ReadonlyMap<object, unknown> | undefined

/** Where a promise keeps the frame it was made in. */
const FRAME = Symbol('frame')

interface FramedPromise extends Promise<unknown> {
  [FRAME]?: Frame
}

let current: Frame
let isTracking = false

/**
 * A storage that follows promises and nothing else: what runs after an `await` finds the values it had before, a callback
 * of a timer or a socket finds none. Node before 24 numbers every promise and every callback of the process as soon as one
 * of its own storages is used, which takes a quarter of the time of sending a message; following promises takes a
 * thirtieth. All storages share one frame, so that their number costs nothing.
 */
class PromiseContextStorage<Store> extends AsyncLocalStorage<Store> {
  static override snapshot(): ReturnType<typeof AsyncLocalStorage.snapshot> {
    const frame = current
    return (callback, ...args) => runIn(frame, () => callback(...args))
  }

  static override bind<Function_ extends (...args: never[]) => unknown>(callback: Function_): Function_ {
    const frame = current
    const bound = (...args: Parameters<Function_>) => runIn(frame, () => callback(...args))
    // The same parameters and the same result.
    return bound as Function_
  }

  override getStore(): Store | undefined {
    // Only `run` and `enterWith` of this same object put a value under this key.
    return current?.get(this) as Store | undefined
  }

  override run<Result, Args extends unknown[]>(
    store: Store,
    callback: (...args: Args) => Result,
    ...args: Args
  ): Result {
    return runIn(new Map(current).set(this, store), () => callback(...args))
  }

  override exit<Result, Args extends unknown[]>(callback: (...args: Args) => Result, ...args: Args): Result {
    return runIn(this.#without(), () => callback(...args))
  }

  override enterWith(store: Store): void {
    track()
    current = new Map(current).set(this, store)
  }

  override disable(): void {
    current = this.#without()
  }

  #without(): Frame {
    if (current === undefined) return undefined
    const frame = new Map(current)
    frame.delete(this)
    return frame.size === 0 ? undefined : frame
  }
}

function runIn<Result>(frame: Frame, work: () => Result): Result {
  track()
  const before = current
  current = frame
  try {
    return work()
  } finally {
    current = before
  }
}

function track(): void {
  if (isTracking) return
  isTracking = true
  promiseHooks.createHook({
    init: (promise: FramedPromise) => {
      if (current !== undefined) promise[FRAME] = current
    },
    before: (promise: FramedPromise) => {
      current = promise[FRAME]
    },
    after: () => {
      current = undefined
    },
  })
}

/**
 * What the context of asynchronous work is kept in. From Node 24 on that is Node's own storage, which hands all values along
 * in one frame; before, one that follows promises only.
 */
export const ContextStorage: typeof AsyncLocalStorage =
  Number(process.versions.node.split('.')[0]) >= 24 ? AsyncLocalStorage : PromiseContextStorage
