#!/bin/sh
# undici 7.30.2 (the fetch of Node) and express 5.2.1: a program that keeps an ETag and asks with `If-None-Match` never hears 304
# from `express.static`, which has the very tag; it gets the whole file each time. A client of plain HTTP with the same header
# gets 304. Two correct behaviours meet: fetch takes a condition of the caller's as a wish to go past caches and adds
# `Cache-Control: no-cache` and `Pragma: no-cache`, and express takes `no-cache` in a request as a wish for the whole answer. One
# would expect 304, as the caller wrote a condition and no cache is there. `Cache-Control: max-age=0` of the caller's own keeps
# fetch from adding anything, and brings 304.
#
# Output seen, with Node 20.20.2:
#   http.get: 304
#   fetch: 200, asked with cache-control: no-cache
#   fetch with max-age=0: 304
#
# Ends with 0 while that is so, and with another status when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund undici@7.30.2 express@5.2.1
mkdir files
echo 'some words' >files/words.txt
cat >program.mjs <<'PROGRAM'
import { get } from 'node:http'
import express from 'express'
import { fetch } from 'undici'

const asked = []
const app = express()
app.use((request, _response, next) => next(void asked.push(request.headers['cache-control'])))
app.use(express.static('files'))
const server = app.listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const url = `http://127.0.0.1:${server.address().port}/words.txt`

const tag = (await fetch(url)).headers.get('etag')
const condition = { 'If-None-Match': tag }
const plain = await new Promise((resolve) => get(url, { headers: condition }, (answer) => resolve(answer.resume().statusCode)))
const fetched = await fetch(url, { headers: condition })
await fetched.text()
const said = asked.at(-1)
const allowed = await fetch(url, { headers: { ...condition, 'Cache-Control': 'max-age=0' } })
await allowed.text()
console.log(`http.get: ${plain}`)
console.log(`fetch: ${fetched.status}, asked with cache-control: ${said}`)
console.log(`fetch with max-age=0: ${allowed.status}`)
process.exit()
PROGRAM
output=$(node program.mjs)
echo "$output"
[ "$output" = 'http.get: 304
fetch: 200, asked with cache-control: no-cache
fetch with max-age=0: 304' ]
