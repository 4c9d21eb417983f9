import { Secret, TOTP } from 'otpauth'
import { expect, test } from 'vitest'
import { failures } from './failed-tries.ts'
import { hashSecret, isWeakPassword, verifySecret } from './index.ts'
import { newSecret, otpauthUri, recoveryCodes, recoveryHash, stepOfCode } from './second-step.ts'

test('only the right secret opens, and an unknown name is refused in the same way', async () => {
  const kept = await hashSecret('一句只有我知道的话 9')
  expect(kept).toMatch(/^\$argon2id\$/)
  expect(await verifySecret(kept, '一句只有我知道的话 9')).toBe(true)
  expect(await verifySecret(kept, '一句只有我知道的话 8')).toBe(false)
  expect(await verifySecret(null, '一句只有我知道的话 9')).toBe(false)
})

test('a password that is easy to guess is refused', async () => {
  for (const weak of ['short', '1234567890', 'aaaaaaaaaaaa', 'Password2026!', 'li.ming-2026-xy', 'woaini1314520']) {
    expect(await isWeakPassword(weak, 'li.ming'), weak).toBe(true)
  }
  expect(await isWeakPassword('船到桥头自然直-2026', 'li.ming')).toBe(false)
})

test('eight failures make one address wait for one name, and nobody else', () => {
  const tries = failures()
  const now = new Date('2026-03-01T00:00:00Z')
  for (let i = 0; i < 8; i += 1) tries.note('10.0.0.1', 'li.ming', now)
  expect(tries.mayTry('10.0.0.1', 'li.ming', now)).toBe(false)
  expect(tries.mayTry('10.0.0.2', 'li.ming', now)).toBe(true)
  expect(tries.mayTry('10.0.0.1', 'wang.fang', now)).toBe(true)
  expect(tries.mayTry('10.0.0.1', 'li.ming', new Date(now.getTime() + 10 * 60_000))).toBe(true)
})

test('an address that guesses at many names waits for all of them; a name guessed at from many addresses is slowed, not shut', () => {
  const tries = failures()
  const now = new Date('2026-03-01T00:00:00Z')
  for (let i = 0; i < 100; i += 1) tries.note('10.0.0.1', `person${i}`, now)
  expect(tries.mayTry('10.0.0.1', 'somebody.else', now)).toBe(false)
  expect(tries.slowMs('li.ming', now)).toBe(0)
  for (let i = 0; i < 60; i += 1) tries.note(`10.1.0.${i}`, 'li.ming', now)
  expect(tries.slowMs('li.ming', now)).toBe(1_000)
  expect(tries.mayTry('10.0.0.9', 'li.ming', now)).toBe(true)
})

test('a device that keeps its cookie is counted too, whatever its address, over thirty for all names', () => {
  const tries = failures({ everyName: 30 })
  const now = new Date('2026-03-01T00:00:00Z')
  for (let i = 0; i < 29; i += 1) tries.note('a device', `person${i}`, now)
  expect(tries.mayTry('a device', 'li.ming', now)).toBe(true)
  tries.note('a device', 'li.ming', now)
  expect(tries.mayTry('a device', 'somebody.else', now)).toBe(false)
  expect(tries.mayTry('another', 'somebody.else', now)).toBe(true)
})

test('the kept list knows passwords of leaks that meet the length', async () => {
  for (const weak of ['1q2w3e4r5t6y', 'qwertyuiop', 'Administrator', 'ZhongGuo2026!', 'basketball1'])
    expect(await isWeakPassword(weak, 'li.ming'), weak).toBe(true)
})

test('a code of the authenticator is right for its half minute, and its step is known, so that it can be refused again', () => {
  const secret = newSecret()
  const at = new Date('2026-03-01T00:00:10Z')
  const code = TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: at.getTime() })
  const step = stepOfCode(secret, code, at)
  expect(step).toBe(Math.floor(at.getTime() / 30_000))
  expect(stepOfCode(secret, code, new Date(at.getTime() + 25_000))).toBe(step)
  expect(stepOfCode(secret, code, new Date(at.getTime() + 90_000))).toBeNull()
  expect(stepOfCode(secret, 'abcdef', at)).toBeNull()
  expect(otpauthUri(secret, 'li.ming')).toMatch(/^otpauth:\/\/totp\//)
  const codes = recoveryCodes()
  expect(new Set(codes).size).toBe(10)
  expect(recoveryHash(codes[0] ?? '')).toEqual(recoveryHash((codes[0] ?? '').toUpperCase().replaceAll('-', '')))
})
