import asyncHooks from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'
import { ContextStorage } from '../../../lib/process/promise-context.ts'

/**
 * Runs a function in the clean context of process start. The library fires handlers from inside a finished key
 * transaction, and would run our encryptions inside the transaction of a send; neither may leak into our code.
 */
export const runInRootContext: <Result>(run: () => Result) => Result = ContextStorage.snapshot()

const endedTransactions = new WeakSet<object>()

/**
 * A key transaction of the library ends when its work settles. Code it started and did not wait for (the
 * trusted-contact bookkeeping after a send, handlers of flushed events) would go on writing into it, and those
 * writes went nowhere: once ended, it counts as no transaction and such writes reach the store.
 */
class TransactionAwareStorage<Store> extends ContextStorage<Store> {
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

/** The shape of the library's transaction context; storages of other packages hold something else. */
function isTransaction(store: unknown): store is object {
  return typeof store === 'object' && store !== null && 'mutations' in store && 'dbQueries' in store
}
