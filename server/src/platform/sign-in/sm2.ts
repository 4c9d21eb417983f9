import { createHash, createPublicKey } from 'node:crypto'
import { DER, weierstrass } from '@noble/curves/abstract/weierstrass.js'

// Node's own verification cannot be told the user id that goes into an SM2 signature, and refuses the standard's own example. The
// points of the curve are computed by a library; what is asked of them is GB/T 32918.2, 7.1, line by line.

/** The recommended curve of GB/T 32918.5. */
export const sm2Curve = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
}
const Point = weierstrass(sm2Curve)
const Scalar = Point.Fn

const bytes32 = (n: bigint): Buffer => Buffer.from(n.toString(16).padStart(64, '0'), 'hex')
const sm3 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sm3')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
/** The user id that GB/T 35276 gives where none was agreed on. */
const userId = Buffer.from('1234567812345678')

/** Who signs, as it goes into every signature: the user id, the curve and the public key. */
const signerHash = (publicKey: Uint8Array): Buffer => {
  const bits = Buffer.alloc(2)
  bits.writeUInt16BE(userId.length * 8)
  return sm3(bits, userId, ...[sm2Curve.a, sm2Curve.b, sm2Curve.Gx, sm2Curve.Gy].map(bytes32), publicKey.subarray(1))
}

/** What is signed of a message: 7.1 B3 and B4, and the same for who makes a signature. */
export const sm2Digest = (publicKey: Uint8Array, message: Uint8Array): bigint =>
  BigInt(`0x${sm3(signerHash(publicKey), message).toString('hex')}`)

export interface Sm2Signature {
  readonly r: bigint
  readonly s: bigint
}

/** Whether this key made this signature of this message (SM2 with SM3, the default user id). */
export const sm2Verifies = (publicKey: Uint8Array, message: Uint8Array, { r, s }: Sm2Signature): boolean => {
  if (r < 1n || r >= sm2Curve.n || s < 1n || s >= sm2Curve.n) return false
  const t = Scalar.create(r + s)
  if (t === 0n) return false
  const signer = Point.fromBytes(publicKey)
  const found = Point.BASE.multiplyUnsafe(s).add(signer.multiplyUnsafe(t))
  return !found.is0() && Scalar.create(sm2Digest(publicKey, message) + found.toAffine().x) === r
}

// SubjectPublicKeyInfo of a key on this curve, written as an uncompressed point: all of it but the point.
const keyHead = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex')
const oneKey = /^\s*-----BEGIN (PUBLIC KEY|CERTIFICATE)-----[\w+/=\s]+-----END \1-----\s*$/

/** The public key of an SM2 key as a point (65 bytes), from its PEM or its certificate's; null: it is no SM2 key. */
export const sm2KeyOf = (pem: string): Buffer | null => {
  if (!oneKey.test(pem)) return null // a private key is not looked at, though its public half would be found in it
  try {
    const spki = createPublicKey(pem).export({ format: 'der', type: 'spki' })
    if (spki.length !== keyHead.length + 65 || !spki.subarray(0, keyHead.length).equals(keyHead)) return null
    const point = spki.subarray(keyHead.length)
    Point.fromBytes(point).assertValidity()
    return point
  } catch {
    return null
  }
}

/** A signature as devices write it: in base64 or hex, ASN.1 or the bare two numbers; null: it is none. */
export const sm2SignatureOf = (text: string): Sm2Signature | null => {
  const written = text.replace(/\s+/g, '')
  const bytes = Buffer.from(written, /^[0-9a-f]{128,}$/i.test(written) ? 'hex' : 'base64')
  try {
    if (bytes.length !== 64) return DER.toSig(bytes)
    const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)].map((half) => BigInt(`0x${half.toString('hex')}`))
    return r !== undefined && s !== undefined ? { r, s } : null
  } catch {
    return null
  }
}
