import fc from 'fast-check'
import { expect, test } from 'vitest'
import { demoRegion, readPaper, residentCheckSign } from './identity-paper.ts'

const demo = (born: string, sequence: string) => {
  const first = `${demoRegion}${born}${sequence}`
  return first + residentCheckSign(first)
}
const at = { demonstration: true }

test('a resident number tells birth day and sex, in full width and with spaces too', () => {
  const number = demo('19880701', '002')
  expect(readPaper(number, undefined, at)).toEqual({
    ok: true,
    value: { kind: 'resident', number, sex: 'F', bornOn: '1988-07-01' },
  })
  const wide = [...number].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join('')
  expect(readPaper(` ${wide} `, undefined, at)).toMatchObject({ ok: true, value: { number } })
})

test('a number of nobody is taken in a demonstration only', () => {
  expect(readPaper(demo('19880701', '002'))).toMatchObject({ ok: false, refused: { code: 'paper_region' } })
})

test('any single wrong digit is found', () => {
  const number = demo('19900228', '117')
  fc.assert(
    fc.property(fc.integer({ min: 6, max: 16 }), fc.integer({ min: 1, max: 9 }), (i, by) => {
      const digit = String((Number(number[i]) + by) % 10)
      expect(readPaper(number.slice(0, i) + digit + number.slice(i + 1), undefined, at).ok).toBe(false)
    }),
  )
})

test.each([
  ['', 'paper_missing'],
  ['110101880701001', 'paper_15_digits'],
  ['11010119880701', 'paper_length'],
  ['1101011988070100A', 'paper_length'],
  ['11010119880701OO12', 'paper_sign'],
  ['990001198902290013', 'paper_birth_day'],
  ['000000198807010010', 'paper_region'],
  ['张三', 'paper_kind_unknown'],
])('%s is refused as %s', (given, code) => {
  expect(readPaper(given, undefined, at)).toEqual({ ok: false, refused: { code } })
})

test('papers of foreigners and of people from Hong Kong, Macao and Taiwan are valid', () => {
  for (const [given, kind] of [
    ['H12345678', 'hk_macao_permit'],
    ['M1234567802', 'hk_macao_permit'],
    ['12345678', 'taiwan_permit'],
    ['E12345678', 'passport'],
    ['USA123456789012', 'foreign_permanent'],
  ] as const) {
    expect(readPaper(given)).toMatchObject({ ok: true, value: { kind } })
  }
})

test('hostile text is answered at once', () => {
  for (const given of ['9'.repeat(100_000), 'A'.repeat(99), ' '.repeat(90), '\u0000'])
    expect(readPaper(given).ok).toBe(false)
})
