// A program as its author would write it: it is compiled beside the clients that were generated, and started.
import type { components, paths } from './paths.ts'
import { formDataBodySerializer } from './sdk/client/index.ts'
import { client } from './sdk/client.gen.ts'
import { postChatSendImage } from './sdk/sdk.gen.ts'
import type { PostChatSendImageRequestForm, PostChatSendImageResponses } from './sdk/types.gen.ts'

const [baseUrl = '', token = '', phone = '', picture = ''] = process.argv.slice(2)
const bytes = Uint8Array.from(atob(picture.slice(picture.indexOf(',') + 1)), (letter) => letter.charCodeAt(0))
const blob = new Blob([bytes], { type: 'image/png' })
client.setConfig({ baseUrl, headers: { Token: token } })

// @hey-api/openapi-ts: a data URL in JSON, and a Blob in a form.
const asText = await postChatSendImage({ body: { Phone: phone, Image: picture, Caption: 'text, hey' } })
const form: PostChatSendImageRequestForm = { Phone: phone, Image: blob, Caption: 'form, hey' }
const asForm = await client.post<PostChatSendImageResponses>({
  ...formDataBodySerializer,
  url: '/chat/send/image',
  headers: { 'Content-Type': null },
  body: form,
})

// openapi-typescript has types alone; fetch sends.
type Bodies = paths['/chat/send/image']['post']['requestBody']['content']
type Answer = components['schemas']['PostChatSendImageAnswer']
const json: Bodies['application/json'] = { Phone: phone, Image: picture, Caption: 'text, types' }
const parts: Bodies['multipart/form-data'] = { Phone: phone, Image: blob, Caption: 'form, types' }
const data = new FormData()
data.set('Phone', parts.Phone)
data.set('Image', parts.Image)
data.set('Caption', parts.Caption ?? '')
const ids: (string | undefined)[] = [asText.data?.data.Id, asForm.data?.data.Id]
for (const body of [JSON.stringify(json), data]) {
  const type = typeof body === 'string' ? { 'Content-Type': 'application/json' } : undefined
  const answer = await fetch(`${baseUrl}/chat/send/image`, {
    method: 'POST',
    headers: { Token: token, ...type },
    body,
  })
  // The types are those of the document.
  const { data: sent } = (await answer.json()) as Answer
  ids.push(sent.Id)
}
process.stdout.write(JSON.stringify(ids))
