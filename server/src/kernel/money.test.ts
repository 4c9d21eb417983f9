import fc from 'fast-check'
import { expect, test } from 'vitest'
import { basisPoints, fen, largestFen, parseYuan, portion, splitFen, sumFen, yuan } from './money.ts'

test('70 % of 1,874.43 yuan is 1,312.10 yuan, rounded down to the fen', () => {
  expect(portion(fen(187_443), basisPoints(7_000), 'down')).toBe(131_210)
  expect(portion(fen(1), basisPoints(5_000), 'down')).toBe(0)
  expect(portion(fen(1), basisPoints(5_000), 'half-up')).toBe(1)
})

test('money that is not whole fen does not exist', () => {
  expect(() => fen(0.5)).toThrow('whole fen')
  expect(() => fen(Number.MAX_SAFE_INTEGER + 1)).toThrow()
})

test('shares of a sum always add up to the whole, and none is off by more than a fen', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 900_000_000_000 }),
      fc
        .array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 50 })
        .filter((w) => w.some((x) => x > 0)),
      (whole, weights) => {
        const total = weights.reduce((a, b) => a + b, 0)
        const shares = splitFen(fen(whole), weights)
        expect(sumFen(shares)).toBe(whole)
        shares.forEach((share, i) => {
          expect(Math.abs(share - (whole / total) * (weights[i] ?? 0))).toBeLessThan(1.001)
        })
      },
    ),
  )
})

test('yuan are read as people write them, and nothing else', () => {
  expect(parseYuan('1,312.10')).toBe(131_210)
  expect(parseYuan('¥36')).toBe(3_600)
  expect(parseYuan('0.01')).toBe(1)
  for (const wrong of ['', '1.234', '1,31', '1e3', 'abc', '1312.1元']) expect(parseYuan(wrong)).toBeNull()
  // Beyond what a number keeps exactly it is no amount of ours, however well it is written.
  for (const beyond of ['99,999,999,999,999,999.99', `-1${',000'.repeat(6)}`, `9${',999'.repeat(120)}`])
    expect(parseYuan(beyond)).toBeNull()
  expect(parseYuan('9,000,000,000.00')).toBe(largestFen)
  expect(yuan(131_210)).toBe('1,312.10')
  expect(yuan(-5)).toBe('-0.05')
})
