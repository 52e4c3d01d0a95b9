// Runs the scenarios against the library as it is published and prints what they yield, as one JSON object.
import * as library from '@whiskeysockets/baileys'
import { scenarios } from './scenarios.ts'

const results: Record<string, unknown> = {}
for (const [name, scenario] of Object.entries(scenarios)) results[name] = await scenario(library)
process.stdout.write(`\nRESULTS ${JSON.stringify(results)}\n`)
