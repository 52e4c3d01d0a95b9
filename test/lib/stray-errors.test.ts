import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const places = {
  net: `${root}/src/lib/process/stray-errors.ts`,
  logger: `${root}/src/lib/process/logger.ts`,
}

/** Runs a program under the net; it says that it goes on if it does. */
async function run(code: string) {
  const program = `
    import { catchStrayErrors } from '${places.net}'
    import { createLogger } from '${places.logger}'
    catchStrayErrors(createLogger('info'))
    const from = (file, extra) => Object.assign(new Error('stray'), { stack: 'Error: stray\\n    at read (' + file + ':1:1)' }, extra)
    const library = (name) => '${root}/node_modules/' + name + '/lib/index.js'
    setTimeout(() => { console.log('goes on'); process.exit(0) }, 200)
    ${code}`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    cwd: root,
  })
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { output, errors, code: child.exitCode }
}

test.each([
  ['a client library', "throw from(library('rabbitmq-client'))", 'rabbitmq-client'],
  ['a library within another', "throw from(library('knex/node_modules/pg-protocol'))", 'pg-protocol'],
  ['a library with a scope', "throw from(library('@whiskeysockets/baileys'))", '@whiskeysockets/baileys'],
  ['a socket', "throw from('node:net', { code: 'ECONNRESET' })", 'network'],
])('an exception of %s is told with its source, and the process goes on', async (_name, thrown, source) => {
  const { output, code } = await run(`setImmediate(() => { ${thrown} })`)

  expect(output).toContain(`"source":"${source}"`)
  expect(output).toContain('goes on')
  expect(code).toBe(0)
})

test.each([
  ['our own code', "throw from('/app/dist/src/main.js')", 'parley'],
  [
    'a library in the middle of our own code',
    "const error = from(library('pg')); error.stack += '\\n    at store (/app/dist/src/store/users.js:1:1)'; throw error",
    'parley',
  ],
  ['another library', "throw from(library('express'))", 'express'],
  ['nobody knows whom', "throw 'text'", 'unknown'],
])('an exception of %s ends the process', async (_name, thrown, source) => {
  const { output, errors, code } = await run(`setImmediate(() => { ${thrown} })`)

  expect(output).toContain(`"source":"${source}"`)
  expect(output).not.toContain('goes on')
  expect(errors).not.toBe('')
  expect(code).toBe(1)
})

test('a rejection that nobody waits for is told with its source, and the process goes on', async () => {
  const { output, code } = await run("void Promise.reject(from(library('@whiskeysockets/baileys')))")

  expect(output).toContain('"source":"@whiskeysockets/baileys"')
  expect(output).toContain('goes on')
  expect(code).toBe(0)
})
