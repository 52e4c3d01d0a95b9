import { version } from '../lib/process/version.ts'
import { configTable, readCommandLine } from './config.ts'

/** What a command line wants to be told instead of a start; undefined when it wants a start. Throws ConfigError. */
export function answerTo(args: readonly string[]): string | undefined {
  const { values, wantsHelp } = readCommandLine(args)
  if (wantsHelp) return help()
  const isAsked = ['true', 't', '1', 'yes'].includes(values.get('version')?.toLowerCase() ?? '')
  return isAsked ? `Parley version ${version}\n` : undefined
}

/** What of a command line is read and not followed, in sentences for the log. */
export function warningsOf(args: readonly string[]): string[] {
  const { values, unread } = readCommandLine(args)
  return [
    ...(values.has('platformtype') ? ['-platformtype is not followed: phones show Parley as a browser'] : []),
    // A switch with its value as an argument of its own (`-color true`) ends the flags, as it does in Go.
    ...(unread > 0
      ? [`${unread} arguments behind the flags are not read; a switch takes its value after "="`]
      : []),
  ]
}

function help(): string {
  const flags = configTable().flatMap(({ flag, env, help, default: value }) =>
    flag === undefined
      ? []
      : [`  -${flag}\n        ${help} (${[...env, value && `default ${value}`].filter(Boolean).join('; ')})`],
  )
  return [
    'Parley: a WhatsApp REST server. Flags have one dash or two; each wins over the variables in brackets.',
    '',
    ...flags,
    '  -platformtype',
    '        is accepted and not followed',
    '  -version',
    '        print the version and exit',
    '',
    'All other settings are environment variables: see docs/settings.md.',
    '',
  ].join('\n')
}
