import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { word } from './word.ts'

/** Answers to buttons and lists, whether or not there were any. The control `press` gives those to a message. */
export const answerWords = {
  listReply: word(
    z.object({ row: z.string(), title: z.string(), description: z.string().optional() }),
    ({ row, title, description }) => ({
      listResponseMessage: {
        title,
        description,
        listType: proto.Message.ListResponseMessage.ListType.SINGLE_SELECT,
        singleSelectReply: { selectedRowId: row },
      },
    }),
  ),
  buttonReply: word(z.object({ button: z.string(), text: z.string() }), ({ button, text }) => ({
    buttonsResponseMessage: {
      selectedButtonId: button,
      selectedDisplayText: text,
      type: proto.Message.ButtonsResponseMessage.Type.DISPLAY_TEXT,
    },
  })),
  templateReply: word(
    z.object({ button: z.string(), text: z.string(), index: z.int().nonnegative().default(0) }),
    ({ button, text, index }) => ({
      templateButtonReplyMessage: { selectedId: button, selectedDisplayText: text, selectedIndex: index },
    }),
  ),
  /** What phones answer to interactive messages: which of WhatsApp's flows, and its parameters. */
  flowReply: word(
    z.object({
      name: z.string().default('quick_reply'),
      text: z.string(),
      params: z.record(z.string(), z.unknown()).default({}),
    }),
    ({ name, text, params }) => ({
      interactiveResponseMessage: {
        body: { text },
        nativeFlowResponseMessage: { name, paramsJson: JSON.stringify(params), version: 1 },
      },
    }),
  ),
}
