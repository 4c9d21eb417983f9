import { createHash, randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { failures } from './failed-tries.ts'

/** Wrong codes count by person: a code has a million values, and eight tries in ten minutes are enough for a person. */
export const secondStepTries = failures()

const period = 30
const totp = (secret: string, label: string): TOTP =>
  new TOTP({ issuer: '同舟', label, algorithm: 'SHA1', digits: 6, period, secret: Secret.fromBase32(secret) })

export const newSecret = (): string => new Secret({ size: 20 }).base32

/** The address that an authenticator reads from a QR code. */
export const otpauthUri = (secret: string, label: string): string => totp(secret, label).toString()

/** The time step that a code is right for, one step of clock drift either way; null: wrong. A step is good once only. */
export const stepOfCode = (secret: string, code: string, at: Date): number | null => {
  if (!/^\d{6}$/.test(code)) return null
  const delta = totp(secret, '').validate({ token: code, timestamp: at.getTime(), window: 1 })
  return delta === null ? null : Math.floor(at.getTime() / 1_000 / period) + delta
}

/** Ten codes for the day the telephone is lost; each opens once. Only their hashes are kept: they are random enough. */
export const recoveryCodes = (): string[] =>
  Array.from({ length: 10 }, () =>
    randomBytes(8)
      .toString('hex')
      .replace(/(.{4})(?=.)/g, '$1-'),
  )
export const recoveryHash = (code: string): Buffer =>
  createHash('sha256').update(code.toLowerCase().replaceAll('-', '').trim()).digest()
