import { existsSync, readFileSync } from 'node:fs'

/** The release of this server, from its package description. */
export const version: string = JSON.parse(
  readFileSync(packageFile(new URL('.', import.meta.url)), 'utf8'),
).version

/** The nearest one upwards: the compiled tree lies one folder deeper than the sources. */
function packageFile(folder: URL): URL {
  const candidate = new URL('package.json', folder)
  return existsSync(candidate) ? candidate : packageFile(new URL('..', folder))
}
