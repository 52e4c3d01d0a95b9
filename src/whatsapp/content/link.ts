import { proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'
import { type Preview, textContent } from './text.ts'

/** A text with a card about a link in it. */
export interface LinkContent extends ContextInput {
  text: string
  preview: Preview
}

const { InviteLinkGroupType } = proto.Message.ExtendedTextMessage
const { IMAGE } = proto.ContextInfo.ExternalAdReplyInfo.MediaType

/** An invitation to a group by its link; `preview` is about the group. */
export function inviteLinkContent(content: LinkContent): Content {
  const { extendedTextMessage } = textContent(content)
  return {
    message: {
      extendedTextMessage: { ...extendedTextMessage, inviteLinkGroupTypeV2: InviteLinkGroupType.DEFAULT },
    },
  }
}

/** The card in the form of an advertisement: larger, and above the text, in which the link need not stand. */
export function adLinkContent({ text, preview, ...context }: LinkContent): Content {
  const { link, title, description, thumbnail } = preview
  const externalAdReply: proto.ContextInfo.IExternalAdReplyInfo = {
    title,
    body: description,
    mediaType: IMAGE,
    sourceUrl: link,
    ...(thumbnail && { thumbnail }),
    renderLargerThumbnail: true,
    showAdAttribution: false,
  }
  return {
    message: {
      extendedTextMessage: {
        text,
        contextInfo: { ...contextInfo(context).contextInfo, externalAdReply },
      },
    },
  }
}
