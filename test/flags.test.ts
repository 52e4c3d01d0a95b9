import { resolve } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerTo, warningsOf } from '../src/config/command-line.ts'
import { type Config, ConfigError, configTable, loadConfig } from '../src/config/config.ts'
import { readFlags } from '../src/config/flags.ts'
import { nearestName } from '../src/lib/text/nearest-name.ts'

/** Flag -> a text for it, the setting it stands for and the value that has then. */
const FLAGS: [flag: string, text: string, key: keyof Config, value: unknown][] = [
  ['address', '127.0.0.9', 'host', '127.0.0.9'],
  ['port', '9001', 'port', 9001],
  ['admintoken', 'secret words', 'adminToken', 'secret words'],
  ['datadir', '/srv/parley', 'dataDir', '/srv/parley'],
  ['logtype', 'console', 'logType', 'console'],
  ['osname', 'Mac OS 10', 'deviceName', 'Mac OS 10'],
  ['wadebug', 'DEBUG', 'libraryLog', 'debug'],
  ['globalwebhook', 'https://example.org/hook', 'globalWebhook', 'https://example.org/hook'],
  ['globalhmackey', '-begins-with-a-dash', 'globalHmacKey', '-begins-with-a-dash'],
  ['globalencryptionkey', 'a=b=c', 'encryptionKey', 'a=b=c'],
  ['retrycount', '3', 'webhookRetryCount', 3],
  ['retrydelay', '7', 'webhookRetryDelaySeconds', 7],
  ['errorqueue', 'dead', 'webhookErrorQueue', 'dead'],
  ['autopresence', 'unavailable', 'autoPresence', 'unavailable'],
  ['mode', 'stdio', 'mode', 'stdio'],
]
const SWITCHES: [flag: string, key: keyof Config][] = [
  ['color', 'logColor'],
  ['skipmedia', 'skipMedia'],
  ['webhookretry', 'webhookRetryEnabled'],
  ['webhookuseproxy', 'webhookUseProxy'],
]

function refusalOf(args: string[]): Error {
  try {
    loadConfig({}, args)
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error('nothing was refused')
}

describe('a flag', () => {
  test.each(FLAGS)('-%s is read in all four spellings', (flag, text, key, value) => {
    for (const args of [[`-${flag}`, text], [`--${flag}`, text], [`-${flag}=${text}`], [`--${flag}=${text}`]])
      expect(loadConfig({}, args)[key]).toBe(value)
  })

  test.each(SWITCHES)(
    '-%s is a switch: it stands for true, and takes its value after "=" only',
    (flag, key) => {
      for (const args of [[`-${flag}`], [`--${flag}`], [`-${flag}=true`], [`--${flag}=T`], [`-${flag}=1`]])
        expect(loadConfig({}, args)[key]).toBe(true)
      for (const args of [[`-${flag}=false`], [`--${flag}=F`], [`-${flag}=0`]])
        expect(loadConfig({}, args)[key]).toBe(false)
      expect(refusalOf([`-${flag}=perhaps`]).message).toContain(`-${flag} must be true or false`)
    },
  )

  test('for the two files of a certificate is read, too', () => {
    const args = ['-sslcertificate', '/etc/cert.pem', '--sslprivatekey=/etc/key.pem']

    expect(loadConfig({}, args)).toMatchObject({
      tlsCertificate: '/etc/cert.pem',
      tlsPrivateKey: '/etc/key.pem',
    })
    expect(refusalOf(args.slice(0, 2)).message).toContain('TLS_PRIVATE_KEY')
  })

  test('wins over the environment, unless it is empty', () => {
    const env = { PORT: '9000', WUZAPI_ADMIN_TOKEN: 'from the environment' }

    expect(loadConfig(env, ['-port', '9001', '-admintoken='])).toMatchObject({
      port: 9001,
      adminToken: 'from the environment',
    })
  })

  test('that is repeated counts the last time', () => {
    expect(loadConfig({}, ['-port', '1', '--port=2', '-port', '3']).port).toBe(3)
  })

  test('that names a file is seen from where the command was given', () => {
    const elsewhere = { PARLEY_STARTED_IN: '/home/me' }

    expect(loadConfig(elsewhere, ['-datadir', 'data']).dataDir).toBe('/home/me/data')
    expect(loadConfig({}, ['-datadir', 'data']).dataDir).toBe(resolve('data'))
    expect(loadConfig(elsewhere).dataDir).toBe('./data')
  })
})

describe('a command line', () => {
  test.each([
    [['-prot', '1'], 'there is no flag -prot (did you mean -port?); -help lists them all'],
    [['--admintokn=p4ssw0rd'], 'there is no flag -admintokn (did you mean -admintoken?)'],
    [['-xyzzy'], 'there is no flag -xyzzy; -help lists them all'],
    [['---port=1'], '---port is not a flag'],
    [['-=p4ssw0rd'], '- is not a flag'],
    [['-port'], '-port needs a value'],
    [['-port', '-logtype', 'json'], '-port must be a whole number from 0 to 65535, not "-logtype"'],
    [['-globalwebhook'], '-globalwebhook needs a value'],
    [['-mode', 'grpc'], '-mode must be one of http, stdio, not "grpc"'],
  ])('%j is refused in one sentence', (args, sentence) => {
    const refusal = refusalOf(args)

    expect(refusal.message).toContain(sentence)
    expect(refusal.message).not.toContain('\n')
    expect(inspect(refusal, { depth: null })).not.toContain('p4ssw0rd')
  })

  test('ends at "--" and at the first argument that is no flag, which the log says', () => {
    expect(loadConfig({}, ['-port', '1', '--', '-port', '2']).port).toBe(1)
    expect(loadConfig({}, ['-color', 'true', '-port', '2'])).toMatchObject({ logColor: true, port: 8080 })
    expect(loadConfig({}, ['-'])).toMatchObject({ port: 8080 })

    expect(warningsOf(['-color', 'true', '-admintoken', 'p4ssw0rd'])).toEqual([
      expect.stringContaining('3 arguments'),
    ])
    expect(warningsOf(['-port', '1'])).toEqual([])
  })

  test('is read as Go reads it, whatever it is', () => {
    const known = new Map([
      ['port', { isSwitch: false }],
      ['color', { isSwitch: true }],
    ])
    const part = fc.oneof(
      fc.constantFrom('-port', '--port', '-color', '--color=false', '-port=', '--', '-', '', 'x', '-x'),
      fc.string(),
    )

    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (args) => {
        try {
          const { values, unread } = readFlags(args, known)
          expect([...values.keys()].every((name) => known.has(name))).toBe(true)
          expect(unread).toBeLessThanOrEqual(args.length)
        } catch (error) {
          expect(error).toMatchObject({
            name: 'FlagError',
            message: expect.stringMatching(/flag|needs a value/),
          })
        }
      }),
    )
  })

  test('may ask for the version or for help, and is given a start otherwise', () => {
    expect(answerTo(['-version'])).toMatch(/^Parley version \d+\.\d+\.\d+\n$/)
    expect(answerTo(['-port', '1', '--version=false'])).toBeUndefined()
    expect(answerTo([])).toBeUndefined()
    for (const args of [['-h'], ['--help'], ['-port', '1', '-help', '-nonsense']]) {
      const told = answerTo(args) ?? ''
      for (const { flag } of configTable()) if (flag) expect(told).toContain(`\n  -${flag}\n`)
    }
    expect(() => answerTo(['-nonsense', '-help'])).toThrow('there is no flag -nonsense')
  })

  test('knows every flag of the table once, and -platformtype only to say that it is not followed', () => {
    const flags = configTable().flatMap(({ flag }) => flag ?? [])

    expect(new Set(flags).size).toBe(flags.length)
    const tested = [...FLAGS, ...SWITCHES].map(([flag]) => flag)
    expect(flags.sort()).toEqual([...tested, 'sslcertificate', 'sslprivatekey'].sort())
    expect(warningsOf(['-platformtype', 'DESKTOP'])).toEqual([expect.stringContaining('-platformtype')])
  })
})

test('what the library says is logged at a level that shows it, and nothing is made quieter', () => {
  expect(loadConfig({}, ['-wadebug', 'INFO']).logLevel).toBe('debug')
  expect(loadConfig({ LOG_LEVEL: 'trace' }, ['-wadebug', 'INFO']).logLevel).toBe('trace')
  expect(loadConfig({}, ['-wadebug', 'WARN']).logLevel).toBe('info')
})

test('the nearest name is one that could have been meant', () => {
  const names = ['port', 'admintoken', 'retrycount', 'retrydelay']

  expect(nearestName('Port', names)).toBe('port')
  expect(nearestName('retrydealy', names)).toBe('retrydelay')
  expect(nearestName('admin', names)).toBe('admintoken')
  expect(nearestName('zz', names)).toBeUndefined()
})
