/** What still counts of the shell's settings: the port, what is printed, and where ffmpeg is. */
const KEPT = ['PORT', 'LOG_LEVEL', 'TZ', 'FFMPEG_PATH']

/**
 * The variables the demo must not inherit: the settings of a server that is run for real. Its database must not get demo
 * users, its receivers no demo events, and what the demo prints fits no other dialects and formats.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ env: string[] }[]} table the rows of `configTable`
 * @returns {string[]} their names
 */
export function settingsToForget(env, table) {
  const settings = new Set(table.flatMap((row) => row.env))
  // `{SESSIONID}_WEBHOOK_URL` stands for any beginning.
  const isSetting = (name) => settings.has(name) || name.endsWith('_WEBHOOK_URL')
  return Object.keys(env).filter((name) => isSetting(name) && !KEPT.includes(name))
}
