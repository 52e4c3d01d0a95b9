import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { DamagedMediaError, encryptFile, MediaDecryption, type MediaSecrets } from '../../src/media/cipher.ts'
import { withScratch } from '../../src/media/scratch.ts'
import { decryptMedia, encryptMedia } from '../../src/sandbox/world/media-cipher.ts'

function decrypt(encrypted: Buffer, secrets: MediaSecrets, pieceBytes: number): Buffer {
  const decryption = new MediaDecryption(secrets, 'video')
  const plain: Buffer[] = []
  for (let at = 0; at < encrypted.length; at += pieceBytes)
    plain.push(decryption.write(encrypted.subarray(at, at + pieceBytes)))
  return Buffer.concat([...plain, decryption.end()])
}

test.each([0, 1, 15, 16, 17, 100_000])('a file of %d bytes is read by others', async (length) => {
  const bytes = randomBytes(length)

  await withScratch(async (scratch) => {
    const [from, to] = [scratch.newPath(), scratch.newPath()]
    await writeFile(from, bytes)
    const { mediaKey, fileLength } = await encryptFile(from, to, 'video')

    expect(await decryptMedia(await readFile(to), mediaKey, 'video')).toEqual(bytes)
    expect(fileLength).toBe(length)
  })
})

describe('a file of others', () => {
  test.each([1, 7, 16, 64, 1_000_000])('is read in pieces of %d bytes', async (pieceBytes) => {
    const bytes = randomBytes(1_000)
    const { encrypted, ...secrets } = await encryptMedia(bytes, 'video')

    expect(decrypt(encrypted, secrets, pieceBytes)).toEqual(bytes)
  })

  test.each([0, 500, 1_007, 1_008, 1_017])('is refused when bit %d is flipped', async (position) => {
    const { encrypted, ...secrets } = await encryptMedia(randomBytes(1_000), 'video')
    encrypted[position] = (encrypted[position] ?? 0) ^ 1

    expect(() => decrypt(encrypted, secrets, 100)).toThrow("hash of media ciphertext doesn't match")
    expect(() => decrypt(encrypted, { ...secrets, fileEncSha256: Buffer.alloc(0) }, 100)).toThrow(
      'invalid media hmac',
    )
  })

  test('is refused when it is too short or its key belongs to another kind', async () => {
    const { encrypted, ...secrets } = await encryptMedia(randomBytes(100), 'audio')

    expect(() => decrypt(Buffer.alloc(5), secrets, 100)).toThrow('file too short')
    expect(() => decrypt(encrypted, secrets, 100)).toThrow(DamagedMediaError)
  })
})
