import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createHmac,
  getCiphers,
  hkdfSync,
  type KeyObject,
  randomFillSync,
  timingSafeEqual,
} from 'node:crypto'

/** What seals from now on: AES-256-GCM, or the 商用密码 pair SM4 and SM3. Each ciphertext says by which it was sealed. */
export type Cipher = 'aes' | 'sm4'
export const ciphersHere = (): readonly Cipher[] => (getCiphers().includes('sm4-ctr') ? ['aes', 'sm4'] : ['aes'])

// A ciphertext begins with its version and four bytes of its ring key.
// version 1: twelve bytes nonce, ciphertext, sixteen bytes tag (AES-256-GCM)
// version 2: sixteen bytes counter block, ciphertext (SM4-CTR), thirty-two bytes HMAC-SM3 over all before it. Node's OpenSSL has
// no SM4-GCM; encrypting first and then authenticating with a key of its own is as strong.
const shapes = { aes: { version: 1, iv: 12, tag: 16 }, sm4: { version: 2, iv: 16, tag: 32 } } as const
const cipherOf = (sealed: Buffer): Cipher => {
  const cipher = sealed[0] === shapes.aes.version ? 'aes' : 'sm4'
  const { version, iv, tag } = shapes[cipher]
  if (sealed[0] !== version || sealed.length < 5 + iv + tag) throw new Error('not sealed by this vault')
  return cipher
}

// Random bytes from one pool: a system call each would cost more than the cipher.
const pool = Buffer.allocUnsafe(16 * 1_024)
let used = pool.length
const random = (length: number): Buffer => {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += length
  return pool.subarray(used - length, used)
}

/** SM4 takes sixteen bytes and its authentication a key of its own: both are derived, once a key. */
const derived = new WeakMap<object, { cipher: Buffer; tag: Buffer }>()
const sm4Keys = (key: Buffer | KeyObject): { cipher: Buffer; tag: Buffer } => {
  const known = derived.get(key)
  if (known) return known
  const both = Buffer.from(hkdfSync('sm3', key, '', 'tongzhou sm4', 48))
  const made = { cipher: both.subarray(0, 16), tag: both.subarray(16) }
  derived.set(key, made)
  return made
}
const sm4Tag = (key: Buffer, sealed: Buffer): Buffer => createHmac('sm3', key).update(sealed).digest()

export const sealWith = (
  key: Buffer | KeyObject,
  keyId: number,
  plain: Buffer | string,
  cipher: Cipher = 'aes',
): Buffer => {
  const { version, iv: ivLength, tag } = shapes[cipher]
  const iv = random(ivLength)
  const sealing =
    cipher === 'aes' ? createCipheriv('aes-256-gcm', key, iv) : createCipheriv('sm4-ctr', sm4Keys(key).cipher, iv)
  const body = typeof plain === 'string' ? sealing.update(plain, 'utf8') : sealing.update(plain)
  sealing.final()
  const head = 5 + ivLength
  const sealed = Buffer.allocUnsafe(head + body.length + tag)
  sealed[0] = version
  sealed.writeUInt32BE(keyId, 1)
  iv.copy(sealed, 5)
  body.copy(sealed, head)
  const proof =
    cipher === 'aes' ? (sealing as CipherGCM).getAuthTag() : sm4Tag(sm4Keys(key).tag, sealed.subarray(0, -tag))
  proof.copy(sealed, head + body.length)
  return sealed
}

export const keyIdOf = (sealed: Buffer): number => {
  cipherOf(sealed)
  return sealed.readUInt32BE(1)
}

export const openWith = (key: Buffer, sealed: Buffer): Buffer => {
  const cipher = cipherOf(sealed)
  const { iv: ivLength, tag } = shapes[cipher]
  const iv = sealed.subarray(5, 5 + ivLength)
  const body = sealed.subarray(5 + ivLength, -tag)
  const proof = sealed.subarray(-tag)
  if (cipher === 'aes') {
    const decipher = createDecipheriv('aes-256-gcm', key, iv)
    decipher.setAuthTag(proof)
    return Buffer.concat([decipher.update(body), decipher.final()])
  }
  const keys = sm4Keys(key)
  if (!timingSafeEqual(sm4Tag(keys.tag, sealed.subarray(0, -tag)), proof))
    throw new Error('changed since it was sealed')
  const decipher = createDecipheriv('sm4-ctr', keys.cipher, iv)
  return Buffer.concat([decipher.update(body), decipher.final()])
}
