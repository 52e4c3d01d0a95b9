import { parseArgs } from 'node:util'
import { startSandbox } from './index.ts'

const DEFAULT_PORT = '8081'

/** The simulated network as a program of its own, for several servers that share it: `--port 8081 --host 127.0.0.1`. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: DEFAULT_PORT },
    host: { type: 'string', default: '127.0.0.1' },
  },
})

const sandbox = await startSandbox({ host: values.host, port: Number(values.port) })
process.stdout.write(
  `simulated WhatsApp: WHATSAPP_NETWORK=${sandbox.url}\ncontrol plane: ${sandbox.controlUrl}/sandbox/state\n`,
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void sandbox.stop())
}
