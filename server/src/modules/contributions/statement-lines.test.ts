import { expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import type { Cell } from '#platform/sheets/index.ts'
import { noticesNamed, statementLines } from './statement-lines.ts'

const titles = ['交易日期', '对方户名', '贷方金额', '附言', '流水号']
const read = (head: readonly Cell[], ...lines: readonly (readonly Cell[])[]) =>
  statementLines(
    [head, ...lines].map((cells, i) => ({ number: i + 1, cells })),
    day('2026-03-02'),
  )
const linesOf = (...of: Parameters<typeof read>) => {
  const lines = read(...of)
  if (!lines.ok) throw new Error(JSON.stringify(lines.refused))
  return lines.value
}
const problemsOf = (...of: Parameters<typeof read>): readonly string[] => {
  const lines = read(...of)
  if (lines.ok) return []
  return 'problems' in lines.refused ? (lines.refused.problems as string[]) : [lines.refused.code]
}
const line = (reference: Cell, { payer = '甲工会', yuan = '60.00' as Cell, note = '' } = {}): Cell[] => [
  '2026-03-01',
  payer,
  yuan,
  note,
  reference,
]

test('a reference that a number cell has shortened is told, for two receipts would become one', () => {
  expect(problemsOf(titles, line(2.0260302e19))).toMatchObject([expect.stringMatching(/第 2 行流水号.*丢了末尾/)])
  expect(problemsOf(titles, line('2.0260302E+19'))).toHaveLength(1)
  expect(problemsOf(titles, line('２.0260302e+19'))).toHaveLength(1)
  expect(problemsOf(titles, line(1_000_000_000_000_000))).toHaveLength(1)
  expect(linesOf(titles, line(999_999_999_999_999), line('20260302000000000123'))).toMatchObject([
    { reference: '999999999999999' },
    { reference: '20260302000000000123' },
  ])
})

test('a reference is kept whole up to sixty signs, and a longer one is told and not cut', () => {
  expect(linesOf(titles, line('9'.repeat(60)))).toMatchObject([{ reference: '9'.repeat(60) }])
  expect(problemsOf(titles, line(`${'9'.repeat(60)}1`), line(`${'9'.repeat(60)}2`))).toHaveLength(2)
})

test.each([
  ['another payer', line('A1', { payer: '乙工会' }), /与第 2 行相同，日期、金额、付款人或附言不同/],
  ['another note', line('A1', { note: '第二笔' }), /与第 2 行相同/],
  ['another amount', line('A1', { yuan: '61.00' }), /与第 2 行相同/],
  ['nothing else', line('A1'), /第 3 行与第 2 行完全相同：是同一笔就删去一行/],
])('a reference that comes twice in a file with %s is told, and nothing is dropped', (_, again, said) => {
  expect(problemsOf(titles, line('A1'), again).join()).toMatch(said)
})

test('a serial number goes before a voucher number, and a payer’s words before the bank’s, wherever they stand', () => {
  const head = ['凭证号', '摘要', '交易日期', '对方户名', '贷方金额', '附言', '交易流水号']
  const all = linesOf(
    head,
    ['7', '转账', '2026-03-01', '甲工会', '60.00', '三月互助费', 'S1'],
    ['7', '转账 JF2026-2-9', '2026-03-01', '乙工会', '60.00', '三月', 'S2'],
  )
  expect(all.map((each) => each.reference)).toEqual(['S1', 'S2'])
  expect(all.map((each) => each.note)).toEqual(['三月互助费；转账', '三月；转账 JF2026-2-9'])
  // A number in any of the columns where people and banks write.
  expect(all.map((each) => each.notices)).toEqual([[], ['JF2026-2-9']])
  expect(
    linesOf(['凭证号', '摘要', '交易日期', '对方户名', '贷方金额'], ['7', 'x', '2026-03-01', '甲', '1']),
  ).toMatchObject([{ reference: '7', note: 'x' }])
})

test('where one column has the amounts of both ways, the sign says which money came; a sign nobody knows is told', () => {
  const head = ['交易日期', '对方户名', '借贷标志', '金额（元）', '附言', '流水号']
  const of = (sign: string, reference: string): Cell[] => ['2026-03-01', '甲工会', sign, '60.00', '', reference]
  const came = ['贷', 'C', '收', '贷方', 'c'].map((sign, i) => of(sign, `C${i}`))
  const went = ['借', 'D', '支', '借方'].map((sign, i) => of(sign, `D${i}`))
  expect(linesOf(head, ...went, ...came).map((each) => each.reference)).toEqual(['C0', 'C1', 'C2', 'C3', 'C4'])
  expect(problemsOf(head, of('转', 'X1'), of('', 'X2'), of('贷', 'X3'))).toMatchObject([
    expect.stringMatching(/第 2 行借贷标志“转”/),
    expect.stringMatching(/第 3 行借贷标志“”/),
  ])
  // A column of what came in needs no sign, and one that says the contrary is no outgoing line.
  const credit = ['交易日期', '对方户名', '借贷标志', '贷方金额', '附言', '流水号']
  expect(linesOf(credit, of('', 'Y1'), of('贷', 'Y2'))).toHaveLength(2)
  expect(problemsOf(credit, of('借', 'Y3')).join()).toMatch(/收入一列却有金额/)
})

test('a receipt has the limit that an allocation has, and an amount beyond any number is told like another slip', () => {
  expect(linesOf(titles, line('A1', { yuan: '9,000,000,000.00' }))).toMatchObject([{ amountFen: 900_000_000_000 }])
  const over = problemsOf(
    titles,
    line('A1', { yuan: '9000000000.01' }),
    line('A2', { yuan: '99,999,999,999,999,999.99' }),
  )
  expect(over).toMatchObject([expect.stringMatching(/超过 9,000,000,000.00 元/), expect.stringMatching(/^第 3 行金额/)])
})

test('a notice number is found as people write it, and each of several', () => {
  expect(noticesNamed('互助费 jf2026 - 2-1123 十人')).toEqual(['JF2026-2-1123'])
  expect(noticesNamed('ＪＦ2026－2－1123、J F 2026–2 —1124，jf2026-3-5')).toEqual([
    'JF2026-2-1123',
    'JF2026-2-1124',
    'JF2026-3-5',
  ])
  expect(noticesNamed('JF2026-2 十人')).toEqual([])
})
