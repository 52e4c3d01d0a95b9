import asyncHooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

const Native = asyncHooks.AsyncLocalStorage

/**
 * Runs a function in the clean context of process start. The library fires handlers from inside a finished key
 * transaction, and would run our encryptions inside the transaction of a send; neither may leak into our code.
 */
export const runInRootContext: <Result>(run: () => Result) => Result = Native.snapshot()

const shared = new Native<Map<object, unknown>>()

/**
 * Every socket makes a storage that is never disabled, and before Node 24 each storage adds to the cost of every
 * promise of the process: 0.23 µs with none, 74 µs with a thousand. Here all of them are keys of one real storage.
 */
class SharedAsyncLocalStorage<Store> extends Native<Store> {
  override getStore(): Store | undefined {
    // Only `run` and `enterWith` of this same object put a value under this key.
    return shared.getStore()?.get(this) as Store | undefined
  }

  override run<Result, Args extends unknown[]>(
    store: Store,
    callback: (...args: Args) => Result,
    ...args: Args
  ): Result {
    return shared.run(this.#with(store), callback, ...args)
  }

  override exit<Result, Args extends unknown[]>(callback: (...args: Args) => Result, ...args: Args): Result {
    return shared.run(this.#without(), callback, ...args)
  }

  override enterWith(store: Store): void {
    shared.enterWith(this.#with(store))
  }

  override disable(): void {
    shared.enterWith(this.#without())
  }

  #with(store: Store): Map<object, unknown> {
    return new Map(shared.getStore()).set(this, store)
  }

  #without(): Map<object, unknown> {
    const stores = new Map(shared.getStore())
    stores.delete(this)
    return stores
  }
}

const Base: typeof Native = storagesAreFree() ? Native : SharedAsyncLocalStorage
const endedTransactions = new WeakSet<object>()

/**
 * A key transaction of the library ends when its work settles. Code it started and did not wait for (the
 * trusted-contact bookkeeping after a send, handlers of flushed events) would go on writing into it, and those
 * writes went nowhere: once ended, it counts as no transaction and such writes reach the store.
 */
class TransactionAwareStorage<Store> extends Base<Store> {
  override getStore(): Store | undefined {
    const store = super.getStore()
    return isTransaction(store) && endedTransactions.has(store) ? undefined : store
  }

  override run<Result, Args extends unknown[]>(
    store: Store,
    callback: (...args: Args) => Result,
    ...args: Args
  ): Result {
    const result = super.run(store, callback, ...args)
    if (isTransaction(store) && result instanceof Promise) {
      const end = () => void endedTransactions.add(store)
      result.then(end, end)
    }
    return result
  }
}

// Node 24 has an accessor here that cannot be assigned to.
Object.defineProperty(asyncHooks, 'AsyncLocalStorage', {
  value: TransactionAwareStorage,
  configurable: true,
  enumerable: true,
})
syncBuiltinESMExports()

/** Node 24 keeps all storages in one frame that is handed along, whatever their number. */
function storagesAreFree(): boolean {
  return Number(process.versions.node.split('.')[0]) >= 24
}

/** The shape of the library's transaction context; storages of other packages hold something else. */
function isTransaction(store: unknown): store is object {
  return typeof store === 'object' && store !== null && 'mutations' in store && 'dbQueries' in store
}
