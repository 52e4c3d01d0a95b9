#!/usr/bin/env bash
# Standard Webhooks' own library for JavaScript (standardwebhooks 1.1.1) takes a payload as text or as a Buffer, and turns
# a Buffer into UTF-8 text before it computes the signature. The specification signs the raw bytes. So a right signature
# over a body that is not UTF-8 (a form with a picture, a text in Latin-1) is refused with "No matching signature found",
# although the same Buffer was given to sign and to verify. Whoever receives such bodies has to compute the HMAC itself.
#
# Output on 2026-11-29:
#   JSON: verified
#   four bytes that are no UTF-8: WebhookVerificationError: No matching signature found
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error standardwebhooks@1.1.1

cat >verify.mjs <<'EOF'
import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'

const key = Buffer.alloc(24, 7)
const webhook = new Webhook(`whsec_${key.toString('base64')}`)
const id = 'msg_1'
const timestamp = Math.floor(Date.now() / 1000)

const sign = (body) => createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')

function outcome(body) {
  try {
    webhook.verify(body, {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${sign(body)}`,
    })
    return 'verified'
  } catch (error) {
    return `${error.name}: ${error.message}`
  }
}

const binary = Buffer.from([0x7b, 0xff, 0xfe, 0x7d])
console.log(`JSON: ${outcome(Buffer.from('{"a":1}'))}`)
console.log(`four bytes that are no UTF-8: ${outcome(binary)}`)
EOF

node verify.mjs | tee output.txt
grep -q '^JSON: verified$' output.txt
grep -q '^four bytes that are no UTF-8: .*No matching signature found$' output.txt
