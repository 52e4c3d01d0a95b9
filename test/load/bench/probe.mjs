// Runs inside a server under test, before it (`node --import`): counts what it asks of its database, below whatever it
// asks it with, and tells live memory. Answers `counts` and `heap` over the channel of the process. Not part of a build.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(join(process.cwd(), 'package.json'))
/** How often each statement was executed, by its text without its values. A transaction counts as its beginning. */
const counts = {}

function count(text) {
  const statement = text.replaceAll(/\s+/g, ' ').trim()
  if (statement === '' || statement === ';' || /^(commit|end|rollback|savepoint|release)\b/i.test(statement))
    return
  const name = /^(begin|start transaction)\b/i.test(statement) ? 'begin' : withoutLengths(statement)
  counts[name] = (counts[name] ?? 0) + 1
}

/** The same statement for one row and for several is one. */
function withoutLengths(statement) {
  return statement
    .replaceAll(/\$\d+/g, '?')
    .replaceAll(/\?(, ?\?)+/g, '?')
    .replaceAll(/\(\?\)(, ?\(\?\))+/g, '(?)')
}

function countCalls(prototype, methods, sqlOf) {
  for (const method of methods) {
    const original = prototype[method]
    prototype[method] = function (...given) {
      for (const statement of sqlOf(this, given)) count(statement)
      return original.apply(this, given)
    }
  }
}

if (process.env.DATABASE_URL) {
  const textOf = (query) => (typeof query === 'string' ? query : String(query?.text))
  countCalls(require('pg').Client.prototype, ['query'], (_client, [query]) => [textOf(query)])
} else {
  const { Database, Statement } = require('sqlite3')
  // The methods of these names that a database has make a statement and call it.
  countCalls(Statement.prototype, ['run', 'get', 'all', 'each'], ({ sql }) => [sql])
  countCalls(Database.prototype, ['exec'], (_database, [sql]) => sql.split(';'))
}

const answers = {
  counts: () => counts,
  heap: () => {
    global.gc()
    global.gc()
    return process.memoryUsage()
  },
}

process.on('message', (question) => {
  if (Object.hasOwn(answers, question)) process.send(answers[question]())
})
// The channel must not keep a server alive that has ended.
process.channel?.unref()
