import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { file, imageMessage } from './file.ts'
import { type ContentContext, word } from './word.ts'

const { OrderStatus, OrderSurface } = proto.Message.OrderMessage

const order = z.object({
  id: z.string().optional(),
  token: z.string().optional(),
  /** How many things are ordered. */
  items: z.int().min(1),
  title: z.string().optional(),
  /** What the buyer writes beside it. */
  message: z.string().optional(),
  /** In thousandths of the currency. */
  total: z.int().nonnegative().optional(),
  currency: z.string().optional(),
  /** JPEG as base64. */
  thumbnail: z.string().optional(),
  /** Whose things they are; the other side of the chat by default. */
  seller: z.string().optional(),
})

const product = z.object({
  id: z.string().default('4000000000000001'),
  title: z.string(),
  description: z.string().optional(),
  /** In thousandths of the currency. */
  price: z.int().nonnegative().optional(),
  currency: z.string().optional(),
  retailerId: z.string().optional(),
  url: z.string().optional(),
  image: file.optional(),
  body: z.string().optional(),
  footer: z.string().optional(),
  /** Whose it is; the speaker's by default. */
  owner: z.string().optional(),
})

/** What is sold and bought. The control `order` orders something that is in a catalogue. */
export const shopWords = {
  order: word(order, (given, context) => ({
    orderMessage: {
      orderId: given.id ?? String(Date.now()),
      token: given.token ?? randomBytes(18).toString('base64'),
      thumbnail: given.thumbnail === undefined ? undefined : Buffer.from(given.thumbnail, 'base64'),
      itemCount: given.items,
      status: OrderStatus.INQUIRY,
      surface: OrderSurface.CATALOG,
      message: given.message,
      orderTitle: given.title,
      sellerJid: jidOf(given.seller ?? context.chat, context),
      totalAmount1000: given.total,
      totalCurrencyCode: given.currency,
    },
  })),
  product: word(product, async (given, context) => ({
    productMessage: {
      product: {
        productImage: await imageMessage(given.image ?? {}, context),
        productId: given.id,
        title: given.title,
        description: given.description,
        currencyCode: given.currency,
        priceAmount1000: given.price,
        retailerId: given.retailerId,
        url: given.url,
        productImageCount: 1,
      },
      businessOwnerJid: jidOf(given.owner ?? context.account.phone, context),
      body: given.body,
      footer: given.footer,
    },
  })),
  /** A whole catalogue. */
  catalogue: word(
    z.object({
      title: z.string(),
      description: z.string().optional(),
      image: file.optional(),
      owner: z.string().optional(),
    }),
    async ({ title, description, image = {}, owner }, context) => ({
      productMessage: {
        catalog: { catalogImage: await imageMessage(image, context), title, description },
        businessOwnerJid: jidOf(owner ?? context.account.phone, context),
      },
    }),
  ),
}

/** Businesses are named by their numbers. */
function jidOf(who: string, { network }: ContentContext): string {
  const found = network.findAccount(who)
  if (!found) throw new Error(`nobody has the number ${who}`)
  return found.jid()
}
