import { Session } from 'node:inspector/promises'

/**
 * Collects all garbage of this process and gives the memory that is free afterwards back to the system. It asks V8 by the
 * documented way (`HeapProfiler.collectGarbage` of the inspector protocol, which is V8's notification of low memory): a
 * plain collection keeps the space for new objects as large as it ever was, 33 MB after a start. Nothing else happens
 * meanwhile: half a second with a hundred megabytes in use.
 */
export async function releaseMemory(): Promise<void> {
  const session = new Session()
  session.connect()
  try {
    await session.post('HeapProfiler.collectGarbage')
  } finally {
    session.disconnect()
  }
}
