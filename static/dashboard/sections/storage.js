import { confirmFirst } from '../../page.js'
import { createForm, sideButton } from '../parts/form.js'

const FIELDS = [
  { name: 'enabled', label: 'Put media of messages into a bucket', kind: 'check' },
  {
    name: 'media_delivery',
    label: 'What webhooks carry of media',
    kind: 'choice',
    options: [
      ['base64', 'The file itself, as base64'],
      ['s3', 'Its address in the bucket'],
      ['both', 'Both'],
    ],
  },
  {
    name: 'endpoint',
    label: 'Endpoint',
    kind: 'url',
    hint: 'Empty for AWS.',
    input: { placeholder: 'https://s3.example.org' },
  },
  { name: 'region', label: 'Region', input: { placeholder: 'eu-central-1' } },
  { name: 'bucket', label: 'Bucket' },
  {
    name: 'access_key',
    label: 'Access key',
    hint: 'Stored keys are never shown. Saving replaces them, so enter both again.',
  },
  { name: 'secret_key', label: 'Secret key', kind: 'secret' },
  { name: 'path_style', label: 'Bucket in the path instead of the host name', kind: 'check' },
  {
    name: 'public_url',
    label: 'Public address',
    kind: 'url',
    hint: 'Optional: what links to files begin with, such as that of a CDN.',
    input: { placeholder: 'https://media.example.org' },
  },
  { name: 'retention_days', label: 'Days files are kept', kind: 'number', input: { min: 0, step: 1 } },
]
/** Without these a bucket cannot be used. */
const NEEDED_WHEN_ENABLED = ['bucket', 'access_key', 'secret_key']

export const storageSection = {
  name: 'storage',
  title: 'Media storage',
  open({ askUser, server, refresh }) {
    const test = sideButton('Test', {
      hidden: !server.has('session/s3/test'),
      onclick: () => form.attempt(test, runTest),
    })
    const remove = sideButton('Forget bucket', {
      className: 'danger',
      onclick: () => form.attempt(remove, removeBucket),
    })
    const form = createForm({ fields: FIELDS, submit: 'Save', run: save, load, buttons: [test, remove] })
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
      return body.enabled
        ? 'Saved. Media of new messages go into the bucket.'
        : 'Saved. The bucket is not used.'
    }

    async function runTest() {
      const { Bucket: bucket } = await askUser('session/s3/test', { method: 'POST' })
      return `The bucket ${bucket} can be reached with the saved settings.`
    }

    async function removeBucket() {
      const agreed = await confirmFirst({
        title: 'Forget the bucket?',
        text: 'Its address and keys are removed here; files in it stay. Media travel inside webhooks again.',
        yes: 'Forget',
      })
      if (!agreed) return ''
      await askUser('session/s3/config', { method: 'DELETE' })
      await load()
      refresh()
      return 'Forgotten. Media travel inside webhooks again.'
    }

    return { elements: [form.element] }
  },
}
