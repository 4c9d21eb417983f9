import { expect, test } from 'vitest'
import { creditCodeCheck, readCreditCode } from './credit-code.ts'

test('a credit code is taken with its check sign, in small letters and full width too', () => {
  const first = '91330100MA27XXXX1'.replaceAll('X', '3')
  const code = first + creditCodeCheck(first)
  expect(readCreditCode(code)).toEqual({ ok: true, value: code })
  expect(readCreditCode(` ${code.toLowerCase()} `)).toEqual({ ok: true, value: code })
})

test('one wrong sign, a letter that no code has, or a wrong length is refused', () => {
  const first = '52100000500000000'
  const code = first + creditCodeCheck(first)
  for (let i = 0; i < 18; i += 1) {
    const wrong = code.slice(0, i) + (code[i] === '7' ? '8' : '7') + code.slice(i + 1)
    expect(readCreditCode(wrong).ok).toBe(false)
  }
  for (const wrong of ['', code.slice(1), `${code}0`, code.replace('5', 'I'), 'x'.repeat(10_000)])
    expect(readCreditCode(wrong).ok).toBe(false)
})
