import type { Account } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { node, unixSeconds } from '../world/node.ts'
import type { MexCall } from './mex-call.ts'

/** What an account says about itself at the moment; what was said for a time only is gone after it. */
export function aboutText({ about }: Account): string {
  return about.endsAt !== undefined && about.endsAt <= unixSeconds() ? '' : about.text
}

/** Changes what an account says about itself, and tells those who know it. */
export function setAbout(network: Network, account: Account, about: Omit<Account['about'], 'setAt'>): void {
  account.about = { ...about, setAt: unixSeconds() }
  network.notify(account.deviceListReaders, { from: account.jid(), type: 'status' }, [
    node('set', {}, Buffer.from(about.text)),
  ])
}

/** The same by GraphQL, the way of clients since 2026, who may say it with an emoji and for some seconds only. */
export function updateTextStatus({ network, account, variables: { input } }: MexCall) {
  const { text, emoji, ephemeral_duration_sec: seconds } = input
  setAbout(network, account, {
    text: text ?? '',
    emoji: emoji?.content,
    endsAt: seconds > 0 ? unixSeconds() + seconds : undefined,
  })
  return { result: 'SUCCESS' }
}
