import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto'

// version 1: one byte 0x01, four bytes ring key, twelve bytes nonce, ciphertext, sixteen bytes tag (AES-256-GCM)
const version = 1
const head = 17
const tagLength = 16

// Nonces from one pool of random bytes: a system call each would cost more than the cipher.
const pool = Buffer.allocUnsafe(12 * 1_024)
let used = pool.length
const nonce = (): Buffer => {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 12
  return pool.subarray(used - 12, used)
}

export const sealWith = (key: Buffer | KeyObject, keyId: number, plain: Buffer | string): Buffer => {
  const iv = nonce()
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  cipher.final()
  const sealed = Buffer.allocUnsafe(head + body.length + tagLength)
  sealed[0] = version
  sealed.writeUInt32BE(keyId, 1)
  iv.copy(sealed, 5)
  body.copy(sealed, head)
  cipher.getAuthTag().copy(sealed, head + body.length)
  return sealed
}

export const keyIdOf = (sealed: Buffer): number => {
  if (sealed.length < head + tagLength || sealed[0] !== version) throw new Error('not sealed by this vault')
  return sealed.readUInt32BE(1)
}

export const openWith = (key: Buffer, sealed: Buffer): Buffer => {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(5, head))
  decipher.setAuthTag(sealed.subarray(-tagLength))
  return Buffer.concat([decipher.update(sealed.subarray(head, -tagLength)), decipher.final()])
}
