import { setting } from './setting.ts'
import { bool, oneOf, text } from './values.ts'

/** How the server is started and what it prints. */
export const startSettings = {
  mode: setting(['PARLEY_MODE'], oneOf('http', 'stdio').default('http'), {
    help: '`http`, or `stdio`: a line of JSON per request, answer and event on standard input and output, and no port (docs/stdio.md)',
    flag: 'mode',
  }),
  tlsCertificate: setting(['TLS_CERTIFICATE'], text.optional(), {
    help: 'PEM file of the certificate and those that signed it; with it the port speaks HTTPS only, and a renewed file is taken within ten seconds',
    flag: 'sslcertificate',
    isPath: true,
  }),
  tlsPrivateKey: setting(['TLS_PRIVATE_KEY'], text.optional(), {
    help: "PEM file of the certificate's private key, without a passphrase",
    flag: 'sslprivatekey',
    isPath: true,
  }),
  logType: setting(['LOG_TYPE'], oneOf('json', 'console').optional(), {
    help: 'log lines as `json`, or as `console` text for people',
    flag: 'logtype',
    shownDefault: '`console` on a terminal, `json` elsewhere',
  }),
  logColor: setting(['LOG_COLOR'], bool.default(false), {
    help: 'colours in log lines for people',
    flag: 'color',
    isSwitch: true,
  }),
  libraryLog: setting(['WA_DEBUG'], oneOf('debug', 'info', 'warn', 'error').optional(), {
    help: 'log what the WhatsApp library says: `INFO` lowers `LOG_LEVEL` to `debug`, `DEBUG` to `trace`',
    flag: 'wadebug',
  }),
}
