import { assert } from '#kernel/assert.ts'
import { addDays, addMonths, type CivilDate, day } from '#kernel/days.ts'
import { type Fen, sumFen, yuan } from '#kernel/money.ts'

/** A month '2026-03', or a year '2026'. */
export type Period = string
export const isPeriod = (text: string): boolean => /^(19|20)\d\d(-(0[1-9]|1[0-2]))?$/.test(text)

/** The first and last month of a period, and its last day. */
export const monthsOf = (period: Period): { first: string; last: string; lastDay: CivilDate } => {
  assert(isPeriod(period), 'a period is a month 2026-03 or a year 2026')
  const first = period.length === 4 ? `${period}-01` : period
  const last = period.length === 4 ? `${period}-12` : period
  return { first, last, lastDay: addDays(addMonths(day(`${last}-01`), 1), -1) }
}

export interface TrialRow {
  readonly account: string
  readonly name: string
  readonly kind: 'asset' | 'liability' | 'net-assets' | 'income' | 'expense'
  readonly openingFen: Fen
  readonly debitFen: Fen
  readonly creditFen: Fen
  readonly closingFen: Fen
}

export interface FundRow {
  readonly fund: string
  readonly name: string
  readonly openingFen: Fen
  readonly contributionsFen: Fen
  readonly otherIncomeFen: Fen
  readonly benefitsFen: Fen
  readonly otherExpensesFen: Fen
  readonly transfersFen: Fen
  readonly closingFen: Fen
  readonly moneyFen: Fen
  readonly payableFen: Fen
  readonly unallocatedFen: Fen
  readonly principalOwedFen: Fen
}

export interface Books {
  readonly office: string
  readonly period: Period
  readonly trial: readonly TrialRow[]
  readonly funds: readonly FundRow[]
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

/** Columns on a terminal: a Chinese character or full-width sign takes two. */
export const displayWidth = (text: string): number => {
  let width = 0
  for (const sign of text) width += wide.test(sign) ? 2 : 1
  return width
}

const padded = (text: string, width: number, side: 'left' | 'right'): string => {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return side === 'left' ? text + space : space + text
}

/** Rows as aligned columns; those named in `words` to the left, figures to the right. A rule stands under the head and over the sum. */
const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  total: readonly string[],
  words: number,
): string => {
  const all = [head, ...rows, total]
  const widths = head.map((_, column) => Math.max(...all.map((row) => displayWidth(row[column] ?? ''))))
  const written = (row: readonly string[]): string =>
    row
      .map((text, column) => padded(text, widths[column] ?? 0, column < words ? 'left' : 'right'))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [written(head), rule, ...rows.map(written), rule, written(total)].join('\n')
}

// An account stands on the side its balance is on; a balance of nothing is left out, as books are printed.
const debitSide = (amount: number): string => (amount > 0 ? yuan(amount) : '')
const creditSide = (amount: number): string => (amount < 0 ? yuan(-amount) : '')
const sumOf = <T>(rows: readonly T[], of: (row: T) => number): Fen => sumFen(rows.map(of))
const debits = (amount: number): number => Math.max(amount, 0)
const credits = (amount: number): number => Math.max(-amount, 0)

/** 科目余额表: opening, movement and closing of each account, debit and credit apart, in yuan. */
export const trialBalanceText = (rows: readonly TrialRow[]): string =>
  table(
    ['科目', '名称', '期初借方', '期初贷方', '本期借方', '本期贷方', '期末借方', '期末贷方'],
    rows.map((row) => [
      row.account,
      row.name,
      debitSide(row.openingFen),
      creditSide(row.openingFen),
      yuan(row.debitFen),
      yuan(row.creditFen),
      debitSide(row.closingFen),
      creditSide(row.closingFen),
    ]),
    [
      '合计',
      '',
      yuan(sumOf(rows, (row) => debits(row.openingFen))),
      yuan(sumOf(rows, (row) => credits(row.openingFen))),
      yuan(sumOf(rows, (row) => row.debitFen)),
      yuan(sumOf(rows, (row) => row.creditFen)),
      yuan(sumOf(rows, (row) => debits(row.closingFen))),
      yuan(sumOf(rows, (row) => credits(row.closingFen))),
    ],
    2,
  )

const fundColumns: readonly (readonly [string, (row: FundRow) => number])[] = [
  ['期初结余', (row) => row.openingFen],
  ['互助费收入', (row) => row.contributionsFen],
  ['其他收入', (row) => row.otherIncomeFen],
  ['互助金支出', (row) => row.benefitsFen],
  ['其他支出', (row) => row.otherExpensesFen],
  ['净资产转入', (row) => row.transfersFen],
  ['期末结余', (row) => row.closingFen],
]
const standingColumns: readonly (readonly [string, (row: FundRow) => number])[] = [
  ['期末资金', (row) => row.moneyFen],
  ['应付互助金', (row) => row.payableFen],
  ['待分配款项', (row) => row.unallocatedFen],
  ['应返还本金', (row) => row.principalOwedFen],
  ['期末结余', (row) => row.closingFen],
]

const byFund = (rows: readonly FundRow[], columns: readonly (readonly [string, (row: FundRow) => number])[]): string =>
  table(
    ['基金', ...columns.map(([name]) => name)],
    rows.map((row) => [row.name, ...columns.map(([, of]) => yuan(of(row)))]),
    ['合计', ...columns.map(([, of]) => yuan(sumOf(rows, of)))],
    1,
  )

/** 各基金收支 (after 业务活动表): opening, contributions, benefits, closing of each fund, in yuan. */
export const fundMovementText = (rows: readonly FundRow[]): string => byFund(rows, fundColumns)

/** 各基金期末状况: the money of each fund, what of it is owed, and what is left. */
export const fundStandingText = (rows: readonly FundRow[]): string => byFund(rows, standingColumns)

const chinesePeriod = (period: Period): string =>
  period.length === 4 ? `${period}年` : `${period.slice(0, 4)}年${Number(period.slice(5))}月`

/** What `tongzhou books` prints: trial balance, movement and standing of the funds of one office. */
export const booksText = (books: Books): string => {
  const title = `${books.office}　${chinesePeriod(books.period)}账目（单位：元）`
  if (books.trial.length === 0) return `${title}\n\n到这一期为止还没有记账。\n`
  return [
    title,
    `一、科目余额表\n${trialBalanceText(books.trial)}`,
    `二、各基金收支\n${fundMovementText(books.funds)}`,
    `三、各基金期末状况（期末资金－应付互助金－待分配款项－应返还本金＝期末结余）\n${fundStandingText(books.funds)}`,
  ]
    .join('\n\n')
    .concat('\n')
}
