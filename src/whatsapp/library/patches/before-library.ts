/**
 * What has to be in force before a module of Baileys is evaluated, which evaluates libsignal: contexts before everything,
 * the job queue before its users. Nothing here may import Baileys, and the build keeps these modules in a file of their
 * own: within one file, imports of packages run before everything else.
 */
import './async-context.ts'
import './job-queue.ts'
import './curve.ts'
import './trial-decryption.ts'
import './spent-chains.ts'
import './derived-message-keys.ts'
