import { expect, test } from 'vitest'
import { failures } from './failed-tries.ts'
import { hashSecret, isWeakPassword, verifySecret } from './index.ts'

test('only the right secret opens, and an unknown name is refused in the same way', async () => {
  const kept = await hashSecret('一句只有我知道的话 9')
  expect(kept).toMatch(/^\$argon2id\$/)
  expect(await verifySecret(kept, '一句只有我知道的话 9')).toBe(true)
  expect(await verifySecret(kept, '一句只有我知道的话 8')).toBe(false)
  expect(await verifySecret(null, '一句只有我知道的话 9')).toBe(false)
})

test('a password that is easy to guess is refused', () => {
  for (const weak of ['short', '1234567890', 'aaaaaaaaaaaa', 'Password2026!', 'li.ming-2026-xy', 'woaini1314520']) {
    expect(isWeakPassword(weak, 'li.ming'), weak).toBe(true)
  }
  expect(isWeakPassword('船到桥头自然直-2026', 'li.ming')).toBe(false)
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
