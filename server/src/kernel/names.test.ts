import { expect, test } from 'vitest'
import { sameName } from './names.ts'

test('a space, a wide letter or a small one makes no other name; another sign does', () => {
  expect(sameName('李 明', '李明')).toBe(true)
  expect(sameName('Ａnna  Smith', 'anna smith')).toBe(true)
  expect(sameName('李明', '李朋')).toBe(false)
})
