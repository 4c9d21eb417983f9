import { assert } from '#kernel/assert.ts'
import { type Fen, largestFen, parseYuan, yuan } from '#kernel/money.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Cell, type SheetRow, writeCsv } from '#platform/sheets/index.ts'

export interface PayLine {
  readonly reference: string
  readonly name: string
  readonly account: string
  readonly branch: string
  readonly amountFen: number
}

/** How one bank wants its file and words its answer. Another bank is another row here; a batch keeps the name of its own. */
interface Layout {
  readonly note: string
  readonly encoding: 'gb18030' | 'utf-8'
  readonly columns: readonly { readonly title: string; readonly of: 'line' | keyof PayLine }[]
  readonly answer: Readonly<Record<'reference' | 'amount' | 'result' | 'reason', readonly string[]>>
  readonly paid: readonly string[]
  readonly failed: readonly string[]
}

export const layouts: Readonly<Record<string, Layout>> = {
  'demo-csv-1': {
    note: 'set by us, to be checked',
    encoding: 'gb18030',
    columns: [
      { title: '序号', of: 'line' },
      { title: '参考号', of: 'reference' },
      { title: '户名', of: 'name' },
      { title: '账号', of: 'account' },
      { title: '开户行', of: 'branch' },
      { title: '金额', of: 'amountFen' },
    ],
    answer: {
      reference: ['参考号', '业务参考号'],
      amount: ['金额', '交易金额'],
      result: ['结果', '处理结果', '状态'],
      reason: ['原因', '失败原因', '备注'],
    },
    paid: ['成功', '已付', '支付成功'],
    failed: ['失败', '退回', '支付失败'],
  },
}
/** The layout of batches made today. */
export const layout = 'demo-csv-1'

const layoutOf = (name: string): Layout => {
  const found = layouts[name]
  assert(found, `a batch names a known layout, got ${name}`)
  return found
}
const plain = (amount: number): string => yuan(amount).replaceAll(',', '')

/**
 * The file a bank is given: number, count and total in the first line, then a line for each payment, amounts in yuan. Text
 * that a spreadsheet would take for a formula is kept a text. Pure.
 */
export const bankFile = (
  batch: { number: string; layout: string; items: number; totalFen: number },
  lines: readonly PayLine[],
): Buffer => {
  assert(lines.length === batch.items, 'a bank file has every item of its batch')
  assert(lines.reduce((sum, line) => sum + line.amountFen, 0) === batch.totalFen, 'a bank file adds up to its batch')
  const { columns, encoding } = layoutOf(batch.layout)
  const rows: Cell[][] = [
    ['批次号', batch.number, '笔数', String(batch.items), '总金额', plain(batch.totalFen)],
    columns.map((column) => column.title),
    ...lines.map((line, i) =>
      columns.map(({ of }) => (of === 'line' ? String(i + 1) : of === 'amountFen' ? plain(line.amountFen) : line[of])),
    ),
  ]
  return writeCsv(rows, encoding)
}

export interface AnswerLine {
  /** as the sheet counts */
  readonly row: number
  readonly reference: string
  readonly amountFen: Fen
  readonly paid: boolean
  readonly reason: string
}
/** What is wrong with an answer, said with its row, so that the bank can be asked. */
export interface Problem {
  readonly row: number
  readonly text: string
}
export interface Answer {
  readonly lines: readonly AnswerLine[]
  readonly problems: readonly Problem[]
}

const text = (cell: Cell | undefined): string =>
  String(cell ?? '')
    .normalize('NFKC')
    .trim()
    .replace(/^'/, '')
const short = (said: string): string => said.slice(0, 30)

/**
 * The bank's answer, line by line, with everything in it that cannot be read or does not agree with itself. What stands
 * above the columns (batch number, count, total) is held against the lines. Pure.
 */
export const answerLines = (
  rows: readonly SheetRow[],
  batch: { number: string; layout: string },
): Result<Answer, { code: 'answer_columns_missing'; missing: string }> => {
  const { answer: wanted, paid: saysPaid, failed: saysFailed } = layoutOf(batch.layout)
  const names = ['reference', 'amount', 'result', 'reason'] as const
  const at: Partial<Record<(typeof names)[number], number>> = {}
  const head = rows.slice(0, 10).find((row) => row.cells.some((cell) => wanted.reference.includes(text(cell))))
  head?.cells.forEach((cell, i) => {
    for (const name of names) if (wanted[name].includes(text(cell))) at[name] ??= i
  })
  const missing = names.filter((name) => name !== 'reason' && at[name] === undefined)
  if (!head || missing.length > 0)
    return refuse({ code: 'answer_columns_missing', missing: missing.map((name) => wanted[name][0]).join('、') })

  const lines: AnswerLine[] = []
  const problems: Problem[] = []
  let answered = 0
  let totalFen = 0
  for (const { number: row, cells } of rows) {
    if (row <= head.number || cells.every((cell) => text(cell) === '')) continue
    answered += 1
    const cell = (name: (typeof names)[number]) => text(cells[at[name] ?? -1])
    const [reference, amount, result, reason] = [cell('reference'), cell('amount'), cell('result'), cell('reason')]
    const amountFen = parseYuan(amount)
    totalFen += amountFen ?? 0
    const paid = saysPaid.includes(result)
    const wrong: string[] = []
    if (reference === '') wrong.push('没有参考号')
    if (amountFen === null) wrong.push(`金额“${short(amount)}”不是一个金额`)
    else if (amountFen > largestFen) wrong.push(`金额“${short(amount)}”超过 ${yuan(largestFen)} 元`)
    if (!paid && !saysFailed.includes(result)) wrong.push(`结果“${short(result)}”不是成功或失败`)
    else if (!paid && reason === '') wrong.push('失败，但没有写原因')
    for (const each of wrong) problems.push({ row, text: each })
    if (amountFen !== null && wrong.length === 0)
      lines.push({ row, reference, amountFen, paid, reason: reason.slice(0, 100) })
  }
  if (answered === 0) problems.push({ row: head.number, text: '表头下面没有一笔结果' })

  for (const { number: row, cells } of rows) {
    if (row >= head.number) break
    const after = (name: string): string | undefined => {
      const i = cells.findIndex((cell) => text(cell) === name)
      return i < 0 ? undefined : text(cells[i + 1])
    }
    const [said, count, total] = [after('批次号'), after('笔数'), after('总金额')]
    if (said !== undefined && said !== text(batch.number))
      problems.push({ row, text: `是批次“${short(said)}”的回单，不是 ${batch.number} 的` })
    if (count !== undefined && count !== String(answered))
      problems.push({ row, text: `写着 ${short(count)} 笔，下面有 ${answered} 笔` })
    if (total !== undefined && parseYuan(total) !== totalFen)
      problems.push({ row, text: `写着总金额 ${short(total)}，下面合计 ${plain(totalFen)}` })
  }
  return ok({ lines, problems })
}

export interface Awaited {
  readonly reference: string
  readonly amountFen: number
  readonly outcome: 'paid' | 'failed' | null
}

/**
 * Holds an answer against what was sent: references nobody sent or of another batch (`elsewhere`: reference to batch
 * number), other amounts, an item answered twice, or otherwise than in an earlier answer. Lines that only repeat what is
 * known are dropped: a bank may send its whole list every day. Pure.
 */
export const matchAnswer = <S extends Awaited>(
  sent: readonly S[],
  lines: readonly AnswerLine[],
  elsewhere: ReadonlyMap<string, string>,
): { readonly matched: readonly { item: S; line: AnswerLine }[]; readonly problems: readonly Problem[] } => {
  const byReference = new Map(sent.map((item) => [item.reference, item]))
  const firstRow = new Map<string, number>()
  const problems: Problem[] = []
  const matched: { item: S; line: AnswerLine }[] = []
  for (const line of lines) {
    const { row, reference } = line
    const item = byReference.get(reference)
    const before = firstRow.get(reference)
    if (before === undefined) firstRow.set(reference, row)
    const other = elsewhere.get(reference)
    if (!item && other) problems.push({ row, text: `参考号 ${short(reference)} 属于另一个批次 ${other}` })
    else if (!item) problems.push({ row, text: `参考号 ${short(reference)} 不在这个批次里` })
    else if (before !== undefined) problems.push({ row, text: `参考号 ${reference} 在第 ${before} 行已经出现过` })
    else if (item.amountFen !== line.amountFen)
      problems.push({ row, text: `参考号 ${reference} 的金额与送出的 ${plain(item.amountFen)} 不一致` })
    else if (item.outcome !== null && item.outcome !== (line.paid ? 'paid' : 'failed'))
      problems.push({ row, text: `参考号 ${reference} 与以前的回单矛盾` })
    else if (item.outcome === null) matched.push({ item, line })
  }
  return { matched, problems }
}

/** All problems of an answer in one refusal, in the order of its rows; the first hundred are listed. */
export const answerRefused = (problems: readonly Problem[]) => {
  const told = [...problems].sort((a, b) => a.row - b.row).map(({ row, text: said }) => `第 ${row} 行：${said}`)
  return refuse({ code: 'answer_refused', count: told.length, first: told[0] ?? '', problems: told.slice(0, 100) })
}
