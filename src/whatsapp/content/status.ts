import { proto } from '../library/engine.ts'
import type { Content } from './content.ts'

/** A status that is only text. */
export interface TextStatusContent {
  text: string
  /** Alpha, red, green and blue, 8 bits each. */
  textColor?: number
  backgroundColor?: number
  /** One of `statusFonts`. */
  font?: number
}

/** The numbers of the fonts that phones have; they are not consecutive. */
export const statusFonts = Object.values(proto.Message.ExtendedTextMessage.FontType).filter(
  (font) => typeof font === 'number',
)

const WHITE = 0xffffffff
/** One of the colours that phones choose from themselves. */
const VIOLET = 0xff7e57c2

/** A text on a coloured ground, as phones post it; white on violet unless said otherwise. */
export function textStatusContent(content: TextStatusContent): Content {
  const { text, textColor = WHITE, backgroundColor = VIOLET, font = 0 } = content
  return {
    message: { extendedTextMessage: { text, textArgb: textColor, backgroundArgb: backgroundColor, font } },
  }
}
