import { randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { uploadFile } from './file.ts'
import { type ContentContext, word } from './word.ts'

const { ServiceType } = proto.Message.PaymentInviteMessage
const SERVICES = { fbpay: ServiceType.FBPAY, novi: ServiceType.NOVI, upi: ServiceType.UPI }
const FREQUENCIES = { weekly: 1, biweekly: 2, monthly: 3, quarterly: 4 }
const STATUSES = { active: 1, cancelled: 2, stopped: 3, expired: 4, paid: 5 }
const WEEK_SECONDS = 7 * 24 * 60 * 60

/** An amount in thousandths of the currency. */
const money = { amount: z.int().positive(), currency: z.string().length(3) }

/** Money that is asked for, sent, refused or shared. Nothing is paid: the service takes no part. */
export const paymentWords = {
  paymentRequest: word(
    z.object({ ...money, note: z.string().optional() }),
    ({ amount, currency, note }, { account }) => ({
      requestPaymentMessage: {
        noteMessage: noteOf(note),
        currencyCodeIso4217: currency,
        amount1000: amount,
        requestFrom: account.jid(),
        expiryTimestamp: weekFromNow(),
        amount: moneyOf(amount, currency),
      },
    }),
  ),
  sendPayment: word(
    z.object({ request: z.string().optional(), note: z.string().optional() }),
    ({ request, note }, { keyOf }) => ({
      sendPaymentMessage: {
        noteMessage: noteOf(note),
        requestMessageKey: request === undefined ? undefined : keyOf(request),
      },
    }),
  ),
  /** The id of the request that is refused. */
  declinePayment: word(z.string(), (id, { keyOf }) => ({
    declinePaymentRequestMessage: { key: keyOf(id) },
  })),
  /** The id of the own request that is taken back. */
  cancelPayment: word(z.string(), (id, { keyOf }) => ({ cancelPaymentRequestMessage: { key: keyOf(id) } })),
  /** Asks somebody to begin with payments. */
  paymentInvite: word(z.object({ service: z.enum(['fbpay', 'novi', 'upi']) }), ({ service }) => ({
    paymentInviteMessage: { serviceType: SERVICES[service], expiryTimestamp: weekFromNow() },
  })),
  invoice: word(z.object({ note: z.string() }), async ({ note }, context) => {
    const { media, mimetype } = await uploadFile('document', {}, context)
    return {
      invoiceMessage: {
        note,
        token: randomBytes(12).toString('hex'),
        attachmentType: proto.Message.InvoiceMessage.AttachmentType.PDF,
        attachmentMimetype: mimetype,
        attachmentMediaKey: media.mediaKey,
        attachmentMediaKeyTimestamp: media.mediaKeyTimestamp,
        attachmentFileSha256: media.fileSha256,
        attachmentFileEncSha256: media.fileEncSha256,
        attachmentDirectPath: media.directPath,
      },
    }
  }),
  paymentReminder: word(
    z.object({
      ...money,
      description: z.string().optional(),
      frequency: z.enum(['weekly', 'biweekly', 'monthly', 'quarterly']).default('monthly'),
      status: z.enum(['active', 'cancelled', 'stopped', 'expired', 'paid']).default('active'),
    }),
    ({ amount, currency, description, frequency, status }, context) => ({
      paymentReminderMessage: {
        reminderId: randomUUID(),
        instanceId: randomUUID(),
        description,
        frequency: FREQUENCIES[frequency],
        status: STATUSES[status],
        payeeJid: context.account.lidJid(),
        payerJid: context.chat,
        amount: moneyOf(amount, currency),
      },
    }),
  ),
  /** Several people pay a part each. */
  splitPayment: word(
    z.object({
      ...money,
      description: z.string().optional(),
      /** Numbers or JIDs, and what each is to pay. */
      participants: z.array(z.object({ who: z.string(), amount: z.int().positive() })).min(1),
    }),
    ({ amount, currency, description, participants }, context) => ({
      splitPaymentMessage: {
        splitId: randomUUID(),
        totalAmount: moneyOf(amount, currency),
        description,
        requesterJid: context.account.lidJid(),
        participants: participants.map(({ who, amount: part }) => ({
          jid: lidOf(who, context),
          amount: moneyOf(part, currency),
        })),
        createdAtMs: Date.now(),
      },
    }),
  ),
}

function noteOf(note: string | undefined): proto.IMessage | undefined {
  return note === undefined ? undefined : { extendedTextMessage: { text: note } }
}

function moneyOf(value: number, currencyCode: string): proto.IMoney {
  return { value, offset: 1000, currencyCode }
}

function weekFromNow(): number {
  return Math.floor(Date.now() / 1000) + WEEK_SECONDS
}

function lidOf(who: string, { network }: ContentContext): string {
  const found = network.findAccount(who)
  if (!found) throw new Error(`nobody has the number ${who}`)
  return found.lidJid()
}
