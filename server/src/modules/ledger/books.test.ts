import { expect, test } from 'vitest'
import { fen } from '#kernel/money.ts'
import { booksText, displayWidth, isPeriod, monthsOf, trialBalanceText } from './books.ts'

test('columns of Chinese names and figures stand under each other', () => {
  const text = trialBalanceText([
    {
      account: '100201',
      name: '银行存款',
      kind: 'asset',
      openingFen: fen(0),
      debitFen: fen(123_456),
      creditFen: fen(0),
      closingFen: fen(123_456),
    },
    {
      account: '2203',
      name: 'Ａ基金',
      kind: 'liability',
      openingFen: fen(0),
      debitFen: fen(0),
      creditFen: fen(123_456),
      closingFen: fen(-123_456),
    },
  ])
  const lines = text.split('\n')
  const endOf = (line: string | undefined, figure: string): number =>
    displayWidth((line ?? '').slice(0, (line ?? '').indexOf(figure) + figure.length))
  expect(lines[2]).toContain('1,234.56')
  expect(endOf(lines[3], '0.00')).toBe(endOf(lines[2], '1,234.56'))
  expect(lines[5]?.match(/1,234\.56/g)).toHaveLength(4)
})

test('a month and a year can be asked for, and nothing else', () => {
  expect(monthsOf('2026-02')).toEqual({ first: '2026-02', last: '2026-02', lastDay: '2026-02-28' })
  expect(monthsOf('2026')).toEqual({ first: '2026-01', last: '2026-12', lastDay: '2026-12-31' })
  for (const wrong of ['', '2026-13', '26-01', '2026-1', "2026' or 1=1"]) expect(isPeriod(wrong)).toBe(false)
})

test('books without a booking say so', () => {
  expect(booksText({ office: '东湖办事处', period: '2026-03', trial: [], funds: [] })).toContain('还没有记账')
})
