import { randomBytes } from 'node:crypto'
import { weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { sm2Curve, sm2Digest } from '../server/src/platform/sign-in/sm2.ts'

const Point = weierstrass(sm2Curve)
const { Fn } = Point
const random = (): bigint => (BigInt(`0x${randomBytes(40).toString('hex')}`) % (sm2Curve.n - 1n)) + 1n
const hex = (n: bigint): string => n.toString(16).padStart(64, '0')

/** A key on a USB stick, as a test holds it: it signs by GB/T 32918.2, 6.1, and says its public key. */
export const sm2Device = () => {
  const secret = random()
  const point = Buffer.from(Point.BASE.multiply(secret).toBytes(false))
  const spki = Buffer.concat([Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex'), point])
  return {
    point,
    pem: `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----\n`,
    sign: (text: string): string => {
      const k = random()
      const r = Fn.create(sm2Digest(point, Buffer.from(text)) + Point.BASE.multiply(k).toAffine().x)
      const s = Fn.mul(Fn.inv(Fn.create(1n + secret)), Fn.create(k - Fn.mul(r, secret)))
      return Buffer.from(hex(r) + hex(s), 'hex').toString('base64')
    },
  }
}
