import type { Config } from '../../config/config.ts'
import type { Ffmpeg } from '../../media/convert/ffmpeg.ts'
import { downloadMedia, type RemoteMedia } from '../../media/download.ts'
import { type Agents, FetchError, openAgents, safeFetch } from '../../media/fetch/safe-fetch.ts'
import { filePieces } from '../../media/fetch/streamed-body.ts'
import { LinkPreviews } from '../../media/link-preview.ts'
import type { User } from '../../store/users/users.ts'
import type { WhatsAppNetwork } from '../library/network.ts'

/** What sessions use to handle files; composed once for all of them. */
export interface MediaTools {
  /** Connections for addresses that callers give. */
  sourceAgents: Agents
  ffmpeg: Ffmpeg
  /** What links lead to, which does not depend on who asks. */
  previews: LinkPreviews
  /** Downloads, decrypts and checks a file as `user` reaches WhatsApp; `path` must be new. Throws DownloadError. */
  download(user: User, media: RemoteMedia, target: { path: string; signal?: AbortSignal }): Promise<void>
  /**
   * Fetches the picture of a person or group, which is not encrypted, as `user` reaches WhatsApp. Throws FetchError when
   * there is none.
   */
  fetchPicture(user: User, directPath: string): Promise<Buffer>
  /**
   * Sends a file as it is to an upload address of WhatsApp's, from disk to socket, as `user` reaches WhatsApp; gives the
   * answer. Throws FetchError.
   */
  postFile(user: User, url: string, file: PostedFile): Promise<{ status: number; body: Buffer }>
  /** Closes the connections. */
  close(): void
}

/** A file on disk. */
export interface PostedFile {
  path: string
  sizeBytes: number
}

/** Longest silence of the media servers, and the longest that one upload may take. */
const UPLOAD_STALL_MS = 60_000
const UPLOAD_TIMEOUT_MS = 15 * 60_000
/** WhatsApp's own page, which is where uploads come from. */
const ORIGIN = 'https://web.whatsapp.com'

/** Where the pictures of people and groups are. */
const PICTURE_HOST = 'https://pps.whatsapp.net'
const PICTURE_BYTES = 1024 * 1024
// A picture is an ornament: nobody waits long for one.
const PICTURE_TIMEOUT_MS = 8_000

type MediaSettings = Pick<
  Config,
  'mediaAllowedNetworks' | 'mediaMaxBytes' | 'mediaStallMs' | 'linkPreviewLanguages'
>

/** Reads the settings about media; `networkOf` is the way each user's traffic takes. */
export function openMediaTools(
  config: MediaSettings,
  { ffmpeg, networkOf }: Pick<MediaTools, 'ffmpeg'> & { networkOf: (user: User) => Promise<WhatsAppNetwork> },
): MediaTools {
  const direct = openAgents({ networks: 'public' })
  const sourceAgents = openAgents({ networks: config.mediaAllowedNetworks, keepAlive: false })
  return {
    sourceAgents,
    ffmpeg,
    previews: new LinkPreviews({ agents: sourceAgents, languages: config.linkPreviewLanguages }),
    download: async (user, media, target) =>
      downloadMedia(media, {
        ...target,
        maxBytes: config.mediaMaxBytes,
        stallMs: config.mediaStallMs,
        agents: agentsOf(await networkOf(user)) ?? direct,
      }),
    async fetchPicture(user, directPath) {
      const { status, body } = await safeFetch(new URL(directPath, PICTURE_HOST).href, {
        agents: agentsOf(await networkOf(user)) ?? direct,
        maxBytes: PICTURE_BYTES,
        timeoutMs: PICTURE_TIMEOUT_MS,
      })
      if (status === 200) return body
      throw new FetchError('unreachable', `unexpected status ${status}`)
    },
    postFile: async (user, url, { path, sizeBytes }) =>
      safeFetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream', origin: ORIGIN, referer: `${ORIGIN}/` },
        body: { sizeBytes, pieces: () => filePieces({ path, sizeBytes }) },
        agents: agentsOf(await networkOf(user)) ?? direct,
        stallMs: UPLOAD_STALL_MS,
        timeoutMs: UPLOAD_TIMEOUT_MS,
        maxBytes: 64 * 1024,
      }),
    close() {
      direct.close()
      sourceAgents.close()
    },
  }
}

/** The connections uploads of that network take: a proxy, or the simulated network, whose addresses are private. */
function agentsOf({ socketOptions }: WhatsAppNetwork): Agents | undefined {
  const agent = socketOptions.fetchAgent
  // It belongs to the network, so it is not closed here.
  return agent && { networks: 'any', http: agent, https: agent, close: () => {} }
}
