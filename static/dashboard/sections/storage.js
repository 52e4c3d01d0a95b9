import { confirmFirst } from '../../page.js'
import { createForm, sideButton } from '../parts/form.js'
import { words } from './words.js'

const FIELDS = [
  { name: 'enabled', label: words('storageEnable'), kind: 'check' },
  {
    name: 'media_delivery',
    label: words('storageCarry'),
    kind: 'choice',
    options: [
      ['base64', words('storageBase64')],
      ['s3', words('storageS3')],
      ['both', words('storageBoth')],
    ],
  },
  {
    name: 'endpoint',
    label: words('storageEndpoint'),
    kind: 'url',
    hint: words('storageEndpointHint'),
    input: { placeholder: 'https://s3.example.org' },
  },
  { name: 'region', label: words('storageRegion'), input: { placeholder: 'eu-central-1' } },
  { name: 'bucket', label: words('storageBucket') },
  {
    name: 'access_key',
    label: words('storageAccess'),
    hint: words('storageAccessHint'),
  },
  { name: 'secret_key', label: words('storageSecret'), kind: 'secret' },
  { name: 'path_style', label: words('storagePath'), kind: 'check' },
  {
    name: 'public_url',
    label: words('storagePublic'),
    kind: 'url',
    hint: words('storagePublicHint'),
    input: { placeholder: 'https://media.example.org' },
  },
  { name: 'retention_days', label: words('storageDays'), kind: 'number', input: { min: 0, step: 1 } },
]
/** Without these a bucket cannot be used. */
const NEEDED_WHEN_ENABLED = ['bucket', 'access_key', 'secret_key']

export function openStorage({ askUser, server, refresh }) {
  const test = sideButton(words('storageTest'), {
    hidden: !server.has('session/s3/test'),
    onclick: () => form.attempt(test, runTest),
  })
  const remove = sideButton(words('storageForget'), {
    className: 'danger',
    onclick: () => form.attempt(remove, removeBucket),
  })
  const form = createForm({ fields: FIELDS, submit: words('save'), run: save, load, buttons: [test, remove] })
  form.fields.enabled.control.addEventListener('change', showNeeded)

  async function load() {
    const { access_key: _masked, ...known } = await askUser('session/s3/config')
    form.fill({
      ...known,
      media_delivery: known.media_delivery || 'base64',
      access_key: '',
      secret_key: '',
    })
    showNeeded()
  }

  function showNeeded() {
    const { enabled } = form.fields
    for (const name of NEEDED_WHEN_ENABLED) form.fields[name].control.required = enabled.value
  }

  async function save(values) {
    const body = { ...values, retention_days: values.retention_days ?? 0 }
    await askUser('session/s3/config', { method: 'POST', body })
    refresh()
    return words(body.enabled ? 'storageSaved' : 'storageSavedNone')
  }

  async function runTest() {
    const { Bucket: bucket } = await askUser('session/s3/test', { method: 'POST' })
    return words('storageReached', { bucket })
  }

  async function removeBucket() {
    const agreed = await confirmFirst({
      title: words('storageForgetTitle'),
      text: words('storageForgetText'),
      yes: words('storageForgetYes'),
    })
    if (!agreed) return ''
    await askUser('session/s3/config', { method: 'DELETE' })
    await load()
    refresh()
    return words('storageForgotten')
  }

  return { elements: [form.element] }
}
