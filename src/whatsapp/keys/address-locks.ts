interface UserLock {
  /** Settles when the last exclusive work on this user is done. */
  barrier: Promise<unknown>
  /** The end of the line of each device; all of them began after the barrier. */
  devices: Map<string, Promise<unknown>>
  /** Works that wait or run; the lock is dropped at zero. */
  works: number
}

/**
 * Locks on Signal addresses: works on one device run one after the other, works on different devices at the same
 * time, and an exclusive work waits for every device of its users and holds all of them back.
 */
export class AddressLocks {
  readonly #users = new Map<string, UserLock>()

  /** Runs `work` when everything before it on this device, and everything exclusive on the user, is done. */
  device<Result>(user: string, device: string, work: () => Promise<Result>): Promise<Result> {
    const lock = this.#lock(user)
    const result = (lock.devices.get(device) ?? lock.barrier).then(work)
    lock.devices.set(device, this.#settled(result, [user]))
    return result
  }

  /** Runs `work` alone on these users. */
  users<Result>(users: string[], work: () => Promise<Result>): Promise<Result> {
    const names = [...new Set(users)]
    const locks = names.map((user) => this.#lock(user))
    const before = locks.flatMap((lock) => [lock.barrier, ...lock.devices.values()])
    const result = Promise.all(before).then(work)
    const barrier = this.#settled(result, names)
    // Taking a place in every line at once is what makes a deadlock between two such works impossible.
    for (const lock of locks) {
      lock.barrier = barrier
      lock.devices.clear()
    }
    return result
  }

  #lock(user: string): UserLock {
    const lock = this.#users.get(user) ?? { barrier: Promise.resolve(), devices: new Map(), works: 0 }
    this.#users.set(user, lock)
    lock.works += 1
    return lock
  }

  #settled(result: Promise<unknown>, users: string[]): Promise<void> {
    const done = () => {
      for (const user of users) {
        const lock = this.#users.get(user)
        if (!lock) continue
        lock.works -= 1
        if (lock.works === 0) this.#users.delete(user)
      }
    }
    return result.then(done, done)
  }
}
