import fc from 'fast-check'
import iconv from 'iconv-lite'
import { expect, test } from 'vitest'
import { yuan } from '#kernel/money.ts'
import type { SheetRow } from '#platform/sheets/index.ts'
import { answerLines, answerRefused, bankFile, layout, matchAnswer } from './bank-file.ts'

const batch = { number: '付2026-0001', layout }
const sheet = (...lines: string[]): SheetRow[] => lines.map((line, i) => ({ number: i + 1, cells: line.split(',') }))
const header = '参考号,金额,结果,原因'
const sent = [
  { reference: '2-11-1', amountFen: 10_000, outcome: null },
  { reference: '2-12-1', amountFen: 20_050, outcome: null },
  { reference: '2-13-1', amountFen: 30_000, outcome: 'paid' as const },
]
const elsewhere = new Map([['2-99-1', '付2026-0007']])
/** What is said of an answer against these three items. */
const problemsOf = (...lines: string[]): string[] => {
  const answer = answerLines(sheet(...lines), batch)
  if (!answer.ok) return [answer.refused.code]
  const matched = matchAnswer(sent, answer.value.lines, elsewhere)
  const refused = answerRefused([...answer.value.problems, ...matched.problems])
  return refused.refused.problems
}

const line = (of: Partial<Parameters<typeof bankFile>[1][number]> = {}) => ({
  reference: '2-11-1',
  name: '张三',
  account: '6222020000000012',
  branch: '示范银行',
  amountFen: 10_000,
  ...of,
})

test('the bank’s file carries number, count and total, and each payment in yuan, in GB18030', () => {
  const lines = [line(), line({ reference: '2-12-1', name: '䶮〇', amountFen: 1_234_567 })]
  const bytes = bankFile({ ...batch, items: 2, totalFen: 1_244_567 }, lines)
  expect(iconv.decode(bytes, 'gb18030').split('\r\n')).toEqual([
    '批次号,付2026-0001,笔数,2,总金额,12445.67',
    '序号,参考号,户名,账号,开户行,金额',
    '1,2-11-1,张三,6222020000000012,示范银行,100.00',
    '2,2-12-1,䶮〇,6222020000000012,示范银行,12345.67',
    '',
  ])
})

test('a file whose lines do not add up to its batch is never written', () => {
  expect(() => bankFile({ ...batch, items: 1, totalFen: 9_999 }, [line()])).toThrow('adds up')
  expect(() => bankFile({ ...batch, items: 2, totalFen: 10_000 }, [line()])).toThrow('every item')
})

test('a name that a spreadsheet would run as a formula stays a name', () => {
  for (const name of ['=HYPERLINK("http://x")', '+1', '-1', '@sum', '\t=1']) {
    const bytes = bankFile({ ...batch, items: 1, totalFen: 10_000 }, [line({ name })])
    expect(iconv.decode(bytes, 'gb18030')).toMatch(/,"?'[=+\-@\t]/)
  }
})

test('a whole answer that fits has no problem, and only what is new is booked', () => {
  const answer = answerLines(
    sheet(header, '2-11-1,100.00,成功,', '2-12-1,200.5,退回,户名不符', '2-13-1,300,成功,'),
    batch,
  )
  expect(answer.ok && answer.value.problems).toEqual([])
  const { matched, problems } = matchAnswer(sent, answer.ok ? answer.value.lines : [], elsewhere)
  expect(problems).toEqual([])
  expect(matched.map(({ item, line: said }) => [item.reference, said.paid, said.reason])).toEqual([
    ['2-11-1', true, ''],
    ['2-12-1', false, '户名不符'],
  ])
})

test.each([
  ['a reference nobody sent', ['8-8-8,1.00,成功,'], /第 2 行：参考号 8-8-8 不在这个批次里/],
  ['an item of another batch', ['2-99-1,1.00,成功,'], /属于另一个批次 付2026-0007/],
  ['another amount', ['2-11-1,100.01,成功,'], /与送出的 100.00 不一致/],
  ['one item twice', ['2-11-1,100.00,成功,', '2-11-1,100.00,成功,'], /第 3 行：参考号 2-11-1 在第 2 行已经出现过/],
  ['one item twice, once paid and once not', ['2-11-1,100.00,成功,', '2-11-1,100.00,失败,x'], /第 3 行/],
  ['what an earlier answer said otherwise', ['2-13-1,300.00,失败,退票'], /与以前的回单矛盾/],
  ['a result that is neither', ['2-11-1,100.00,处理中,'], /“处理中”不是成功或失败/],
  ['a failure without its reason', ['2-11-1,100.00,失败,'], /没有写原因/],
  ['an amount that is none', ['2-11-1,一百元,成功,'], /“一百元”不是一个金额/],
  ['an amount beyond any', ['2-11-1,9000000000.01,成功,'], /超过 9,000,000,000.00 元/],
  ['a negative amount', ['2-11-1,-100.00,成功,'], /不一致/],
  ['no reference', [',100.00,成功,'], /没有参考号/],
  ['no line at all', [], /没有一笔结果/],
])('an answer with %s is refused, saying where', (_, lines, said) => {
  expect(problemsOf(header, ...lines).join('\n')).toMatch(said)
})

test('an amount beyond what a number keeps is told like any other slip, and does not end the reading', () => {
  const cells = ['2-11-1', '99,999,999,999,999,999.99', '成功', '']
  const answer = answerLines([...sheet(header), { number: 2, cells }], batch)
  expect(answer.ok && answer.value.problems).toMatchObject([{ row: 2, text: expect.stringMatching(/不是一个金额/) }])
})

test('an answer that says it has more items than it has, another total or another batch is refused', () => {
  const lines = [header, '2-11-1,100.00,成功,']
  expect(problemsOf('批次号,付2026-0001,笔数,1,总金额,100.00', ...lines)).toEqual([])
  expect(problemsOf('批次号,付2026-0001,笔数,2,总金额,300.50', ...lines)).toHaveLength(2)
  expect(problemsOf('批次号,付2026-0002', ...lines)).toEqual([
    '第 1 行：是批次“付2026-0002”的回单，不是 付2026-0001 的',
  ])
})

test('every problem of a file is told at once, in the order of its rows', () => {
  const told = problemsOf(header, '2-11-1,100.01,成功,', '8-8-8,1,成功,', '2-12-1,x,处理中,', '2-13-1,300,失败,退票')
  expect(told.map((each) => each.slice(0, 6))).toEqual([
    '第 2 行：',
    '第 3 行：',
    '第 4 行：',
    '第 4 行：',
    '第 5 行：',
  ])
})

test('a file without the columns is refused by the names of the columns', () => {
  expect(answerLines(sheet('参考号,姓名'), batch)).toMatchObject({
    refused: { code: 'answer_columns_missing', missing: '金额、结果' },
  })
})

test('whatever items are paid, the bank that answers each line of our file with success is understood to the fen', () => {
  const items = fc.uniqueArray(
    fc.record({ id: fc.integer({ min: 1, max: 1e9 }), amountFen: fc.integer({ min: 1, max: 9e11 }) }),
    {
      selector: (each) => each.id,
      minLength: 1,
      maxLength: 30,
    },
  )
  fc.assert(
    fc.property(items, (dues) => {
      const payments = dues.map((due) => ({ reference: `2-${due.id}-1`, amountFen: due.amountFen, outcome: null }))
      const totalFen = dues.reduce((sum, due) => sum + due.amountFen, 0)
      const file = bankFile(
        { ...batch, items: dues.length, totalFen },
        payments.map((due) => line(due)),
      )
      const [first = '', , ...rest] = iconv.decode(file, 'gb18030').trimEnd().split('\r\n')
      const back = rest.map((each) => `${each.split(',')[1]},${each.split(',')[5]},成功,`)
      const answer = answerLines(sheet(first, header, ...back), batch)
      expect(answer.ok && answer.value.problems).toEqual([])
      const { matched, problems } = matchAnswer(payments, answer.ok ? answer.value.lines : [], new Map())
      expect(problems).toEqual([])
      expect(yuan(matched.reduce((sum, each) => sum + each.line.amountFen, 0))).toBe(yuan(totalFen))
    }),
  )
})
