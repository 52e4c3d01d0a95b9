import { pino } from 'pino'

/** For library parts that insist on a logger: what a simulated phone thinks is nobody's business. */
export const silentLogger = pino({ level: 'silent' })
