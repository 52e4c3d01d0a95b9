import { createHash } from 'node:crypto'

/** Values of a call that several tests share. */
export const callId = '00112233445566778899AABBCCDDEEFF'
export const callKey = createHash('sha256').update('parley call key').digest()
export const A = '100000000000001:3@lid'
export const B = '200000000000002:0@lid'
/** A relay key, as the text it comes as. */
export const relayKey = 'MDEyMzQ1Njc4OWFiY2RlZg=='
