import { ContextStorage } from '../../../lib/process/promise-context.ts'
import { loadLibsignal } from './libsignal.ts'

type Job = () => Promise<unknown>
type QueueJob = (bucket: string, job: Job) => Promise<unknown>

// The queue is one per peer address for the whole process. A job that waits would otherwise run in the asynchronous
// context of the job before it, which can be the key transaction of another account that talks to the same peer.
// Must be in place before `session_cipher.js` and `session_builder.js` take the function.
const module = loadLibsignal('src/queue_job.js')
// libsignal has no types for this file; the shape is that of the pinned version.
const queueJob = module.exports as QueueJob

module.exports = ((bucket, job) => queueJob(bucket, ContextStorage.bind(job))) satisfies QueueJob
