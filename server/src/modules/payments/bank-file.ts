import { type Fen, parseYuan, yuan } from '#kernel/money.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Cell, type SheetRow, writeCsv } from '#platform/sheets/index.ts'

/** The demonstration bank's layout; set by us, to be checked. A real bank's is another one here. */
export const layout = 'demo-csv-1'

export interface PayLine {
  readonly reference: string
  readonly name: string
  readonly account: string
  readonly branch: string
  readonly amountFen: number
}

/** The file a bank is given: a line for each payment, and its count and total in the first line. GB18030, CRLF. */
export const bankFile = (
  batch: { number: string; items: number; totalFen: number },
  lines: readonly PayLine[],
): Buffer => {
  const plain = (amount: number) => yuan(amount).replaceAll(',', '')
  // An account is digits only; the tab of a leading blank would be stripped, so banks take it as it is.
  const rows: Cell[][] = [
    ['批次号', batch.number, '笔数', String(batch.items), '总金额', plain(batch.totalFen)],
    ['序号', '参考号', '户名', '账号', '开户行', '金额'],
    ...lines.map((line, i) => [
      String(i + 1),
      line.reference,
      line.name,
      line.account,
      line.branch,
      plain(line.amountFen),
    ]),
  ]
  return writeCsv(rows, 'gb18030')
}

export interface AnswerLine {
  readonly reference: string
  readonly amountFen: Fen
  readonly paid: boolean
  readonly reason: string
}

const text = (cell: Cell | undefined): string =>
  String(cell ?? '')
    .normalize('NFKC')
    .trim()
    .replace(/^'/, '')

/** The bank's answer, line by line; every line that cannot be read is told. Pure. */
export const answerLines = (rows: readonly SheetRow[]): Result<AnswerLine[]> => {
  const wanted = {
    reference: ['参考号', '业务参考号'],
    amount: ['金额', '交易金额'],
    result: ['结果', '处理结果', '状态'],
    reason: ['原因', '失败原因', '备注'],
  }
  const at: Record<string, number> = {}
  const header = rows.slice(0, 10).find((row) => row.cells.some((cell) => wanted.reference.includes(text(cell))))
  header?.cells.forEach((cell, i) => {
    for (const [column, names] of Object.entries(wanted)) if (names.includes(text(cell))) at[column] ??= i
  })
  const missing = (['reference', 'amount', 'result'] as const).filter((column) => at[column] === undefined)
  if (!header || missing.length > 0)
    return refuse({ code: 'answer_columns_missing', missing: missing.map((column) => wanted[column][0]).join('、') })
  const lines: AnswerLine[] = []
  const problems: string[] = []
  for (const row of rows) {
    if (row.number <= header.number) continue
    const cell = (column: string) => text(row.cells[at[column] ?? -1])
    const amount = parseYuan(cell('amount'))
    const paid = /^(成功|已付|支付成功)$/.test(cell('result'))
    if (!paid && !/^(失败|退回|支付失败)$/.test(cell('result')))
      problems.push(`第 ${row.number} 行的结果“${cell('result').slice(0, 20)}”不是成功或失败`)
    else if (amount === null) problems.push(`第 ${row.number} 行的金额“${cell('amount').slice(0, 20)}”`)
    else if (!paid && cell('reason') === '') problems.push(`第 ${row.number} 行失败但没有原因`)
    else lines.push({ reference: cell('reference'), amountFen: amount, paid, reason: cell('reason').slice(0, 100) })
  }
  if (problems.length > 0)
    return refuse({
      code: 'answer_refused',
      count: problems.length,
      first: problems[0],
      problems: problems.slice(0, 100),
    })
  return ok(lines)
}

export interface Awaited {
  readonly reference: string
  readonly amountFen: number
  readonly outcome: 'paid' | 'failed' | null
}

/**
 * Holds an answer against what was sent: unknown references, other amounts, one item answered twice, or an answer that
 * contradicts an earlier one. One such line and the whole file is refused. Lines that repeat what is known are dropped. Pure.
 */
export const matchAnswer = <S extends Awaited>(
  sent: readonly S[],
  lines: readonly AnswerLine[],
): Result<{ item: S; line: AnswerLine }[]> => {
  const byReference = new Map(sent.map((item) => [item.reference, item]))
  const seen = new Set<string>()
  const problems: string[] = []
  const matched: { item: S; line: AnswerLine }[] = []
  for (const line of lines) {
    const item = byReference.get(line.reference)
    if (!item) problems.push(`参考号 ${line.reference.slice(0, 30)} 不在这个批次里`)
    else if (seen.has(line.reference)) problems.push(`参考号 ${line.reference} 出现了两次`)
    else if (item.amountFen !== line.amountFen) problems.push(`参考号 ${line.reference} 的金额与送出的不一致`)
    else if (item.outcome !== null && item.outcome !== (line.paid ? 'paid' : 'failed'))
      problems.push(`参考号 ${line.reference} 与以前的回单矛盾`)
    else if (item.outcome === null) matched.push({ item, line })
    seen.add(line.reference)
  }
  if (problems.length > 0)
    return refuse({
      code: 'answer_refused',
      count: problems.length,
      first: problems[0],
      problems: problems.slice(0, 100),
    })
  return ok(matched)
}
