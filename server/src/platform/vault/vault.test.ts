import { createCipheriv, createHash } from 'node:crypto'
import { mkdtemp, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { maskAccount, maskName, maskPaper, openVault, type Vault } from './index.ts'
import { addRingKey } from './keys.ts'

let vault: Vault
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-vault-'))
  vault = await openVault({ dir })
})
afterAll(() => vault.close())

test('what is sealed opens again, and each time looks different', () => {
  const [a, b] = [vault.seal('member.name', '张三'), vault.seal('member.name', '张三')]
  expect(a.equals(b)).toBe(false)
  expect(vault.open('member.name', a)).toBe('张三')
  expect(a.toString('latin1')).not.toContain(Buffer.from('张三').toString('latin1'))
})

test('a ciphertext opens for its own purpose only, and not when a bit was changed', () => {
  const sealed = vault.seal('payee.account', '6222000000000000')
  expect(() => vault.open('member.name', sealed)).toThrow()
  sealed[20] = (sealed[20] ?? 0) ^ 1
  expect(() => vault.open('payee.account', sealed)).toThrow()
})

test('whole columns come back in order from the worker, and are the same as one by one', async () => {
  const names = Array.from({ length: 3_000 }, (_, i) => `会员${i}`)
  const sealed = await vault.sealMany('member.name', names)
  expect(sealed.map((each) => vault.open('member.name', each))).toEqual(names)
  const hashes = await vault.hashMany('paper', names)
  expect(hashes[17]?.equals(vault.hash('paper', '会员17'))).toBe(true)
})

test('several columns of the same rows go together, and come back each by itself', async () => {
  const names = ['王芳', '', '李明']
  const [hashes, sealed, none] = await vault.concealMany([
    { what: 'hash', purpose: 'paper', texts: names },
    { what: 'seal', purpose: 'member.name', texts: names },
    { what: 'seal', purpose: 'member.paper', texts: [] },
  ])
  expect(hashes?.map((each) => each.equals(vault.hash('paper', names[hashes.indexOf(each)] ?? '')))).toEqual([
    true,
    true,
    true,
  ])
  expect(sealed?.map((each) => vault.open('member.name', each))).toEqual(names)
  expect(none).toEqual([])
})

test('the keys outlive the process, readable by their owner only', async () => {
  const sealed = vault.seal('member.name', '李四')
  const again = await openVault({ dir })
  expect(again.open('member.name', sealed)).toBe('李四')
  expect((await stat(join(dir, 'ring.json'))).mode & 0o777).toBe(0o600)
  await again.close()
})

test('SM4 and SM3 from a rotation on: what AES sealed opens still, a changed bit does not, whole columns and members’ own too', async () => {
  const at = await mkdtemp(join(tmpdir(), 'tz-sm4-'))
  const before = await openVault({ dir: at })
  expect(before.cipher).toBe('aes')
  const aes = before.seal('member.name', '王五')
  await before.close()
  await addRingKey(at, 'sm4')
  const after = await openVault({ dir: at })
  expect(after.cipher).toBe('sm4')
  const sm4 = after.seal('member.name', '王五')
  expect([aes[0], sm4[0]]).toEqual([1, 2])
  expect(after.open('member.name', aes)).toBe('王五')
  expect(after.open('member.name', sm4)).toBe('王五')
  expect(() => after.open('payee.name', sm4)).toThrow('changed since')
  for (const at of [1, 6, 22, sm4.length - 1]) {
    const changed = Buffer.from(sm4)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => after.open('member.name', changed), `byte ${at}`).toThrow()
  }
  expect(() => after.open('member.name', sm4.subarray(0, 40))).toThrow('not sealed')
  const many = await after.sealMany('member.name', ['赵六', '', '一'.repeat(500)])
  expect(many.map((each) => each[0])).toEqual([2, 2, 2])
  expect(await after.openMany('member.name', many)).toEqual(['赵六', '', '一'.repeat(500)])
  // A key added without a word about the cipher keeps it.
  expect((await addRingKey(at)).cipher).toBe('sm4')
  await after.close()
})

test('SM4 and SM3 are those of the standards', () => {
  // GB/T 32907-2016, A.1, and GB/T 32905-2016, A.1
  const key = Buffer.from('0123456789abcdeffedcba9876543210', 'hex')
  const cipher = createCipheriv('sm4-ecb', key, null).setAutoPadding(false)
  expect(cipher.update(key).toString('hex')).toBe('681edf34d206965e86b3e94f536e4246')
  expect(createHash('sm3').update('abc').digest('hex')).toBe(
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  )
})

test('masks leave enough to find oneself and not enough to be found', () => {
  expect(maskName('张三')).toBe('张*')
  expect(maskName('欧阳小明')).toBe('欧***')
  expect(maskName('𠮷田')).toBe('𠮷*')
  expect(maskName('A')).toBe('*')
  expect(maskAccount('6222020000001234')).toBe('**** 1234')
  expect(maskPaper('990001199001010018')).toBe('99**************18')
})
