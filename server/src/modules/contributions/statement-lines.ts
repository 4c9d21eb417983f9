import { type CivilDate, isDay } from '#kernel/days.ts'
import { largestFen, parseYuan, yuan } from '#kernel/money.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Cell, lostDigits, type SheetRow } from '#platform/sheets/index.ts'

/** A line of a bank statement by which money came. */
export interface StatementLine {
  /** the row it stands in, so that what is wrong with it can be told */
  readonly row: number
  readonly on: CivilDate
  readonly payer: string
  readonly amountFen: number
  readonly note: string
  readonly reference: string
  /** numbers of payment notices in any of its notes, in the order they are written */
  readonly notices: readonly string[]
}

// The layout of the demonstration bank is set by us, to be checked; other banks' names are more of the same rows. Of several
// columns in one sheet the name that stands first here is taken: a voucher number is not unique where a serial number is given.
const columnNames = {
  on: ['交易日期', '日期', '记账日期'],
  payer: ['对方户名', '付款人', '对方名称'],
  amountFen: ['贷方金额', '收入金额', '贷方发生额', '金额'],
  note: ['附言', '摘要', '用途', '备注'],
  reference: ['流水号', '交易流水号', '凭证号'],
} as const
const needed = Object.keys(columnNames) as (keyof typeof columnNames)[]
/** Says of each line whether money came or went, where one column has the amounts of both. */
const signNames = ['借贷标志', '借贷方向', '借贷', '借/贷', '收支标志', '收支方向', '收支', '收/支']
const cameSigns = ['贷', '贷方', 'C', 'CR', '收', '收入']
const wentSigns = ['借', '借方', 'D', 'DR', '支', '支出', '付']

const longestReference = 60

const text = (cell: Cell | undefined): string =>
  String(cell ?? '')
    .normalize('NFKC')
    .trim()
    .replace(/^'/, '') // the sign by which spreadsheets keep a text a text

type Columns = Readonly<Record<keyof typeof columnNames | 'sign', readonly number[]>> & {
  /** the amounts are of money that came and money that went alike */
  readonly bothWays: boolean
}

/** Where the columns stand in a row of titles, each with the preferred one first. */
const columnsOf = (row: SheetRow): Columns => {
  const titles = row.cells.map((cell) =>
    text(cell)
      .replace(/[（(].*$/, '')
      .trim(),
  )
  const at = (names: readonly string[]): number[] =>
    names.flatMap((name) => titles.flatMap((title, i) => (title === name ? [i] : [])))
  const { on, payer, amountFen, note, reference } = columnNames
  const amounts = at(amountFen)
  return {
    on: at(on),
    payer: at(payer),
    amountFen: amounts,
    note: at(note),
    reference: at(reference),
    sign: at(signNames),
    bothWays: titles[amounts[0] ?? -1] === '金额',
  }
}

/** Whether money came by a line: 'no' where it went out, and where it cannot be told what is wrong. */
const moneyCame = (sign: string, columns: Columns): 'yes' | 'no' | { wrong: string } => {
  if (columns.sign.length === 0) return 'yes'
  if (cameSigns.includes(sign.toUpperCase()) || (sign === '' && !columns.bothWays)) return 'yes'
  if (!wentSigns.includes(sign.toUpperCase())) return { wrong: `借贷标志“${sign.slice(0, 10)}”看不出是收是付` }
  return columns.bothWays ? 'no' : { wrong: `借贷标志是“${sign}”，收入一列却有金额` }
}

const dayIn = (said: string): string =>
  said
    .replace(/[ T]\d{1,2}:\d{2}(:\d{2})?$/, '')
    .replace(/[./]/g, '-')
    .replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')

const dayProblem = (said: string, today: CivilDate): string | null => {
  const on = dayIn(said)
  if (!isDay(on)) return `日期“${said.slice(0, 20)}”`
  return on > today ? `日期 ${on} 还没有到` : null
}

const amountProblem = (said: string): string | null => {
  const amount = parseYuan(said)
  if (amount === null || amount === 0) return `金额“${said.slice(0, 20)}”`
  if (amount < 0) return '是负数（冲正或退回），现在还不能入账，请财务人员处理后去掉这一行再读'
  return amount > largestFen ? `金额“${said.slice(0, 20)}”超过 ${yuan(largestFen)} 元` : null
}

const referenceProblem = (cell: Cell | undefined): string | null => {
  const said = text(cell)
  if (said === '') return '没有流水号'
  if (lostDigits(cell ?? null))
    return `流水号“${said.slice(0, 30)}”被表格当成数字，丢了末尾几位，请向银行重新导出，流水号一列用文本`
  // Cut short, two could become one.
  return said.length > longestReference ? `流水号超过 ${longestReference} 个字` : null
}

/**
 * The numbers of payment notices in a text, as people write them: small letters, wide signs, spaces and dashes in between.
 * Pure.
 */
export const noticesNamed = (note: string): string[] =>
  [
    ...note
      .normalize('NFKC')
      .toUpperCase()
      .matchAll(/J\s?F\s*(\d{4})\s*[-‐–—−]\s*(\d+)\s*[-‐–—−]\s*(\d+)/g),
  ].map(([, year, office, id]) => `JF${year}-${office}-${id}`)

/** A line, or what is wrong with it, or null where no money came by it. */
const lineOf = (row: SheetRow, columns: Columns, today: CivilDate): StatementLine | string | null => {
  const cell = (column: keyof typeof columnNames | 'sign') => row.cells[columns[column][0] ?? -1]
  const said = text(cell('amountFen'))
  if (said === '' || /^0(\.0+)?$/.test(said)) return null // an outgoing line
  const came = moneyCame(text(cell('sign')), columns)
  if (came === 'no') return null
  const wrong =
    (came === 'yes' ? null : came.wrong) ??
    dayProblem(text(cell('on')), today) ??
    amountProblem(said) ??
    referenceProblem(cell('reference'))
  if (wrong) return `第 ${row.number} 行${wrong}`
  const notes = [...new Set(columns.note.map((i) => text(row.cells[i])))].filter((note) => note !== '')
  return {
    row: row.number,
    on: dayIn(text(cell('on'))) as CivilDate,
    payer: text(cell('payer')).slice(0, 100),
    amountFen: parseYuan(said) ?? 0,
    note: notes.join('；').slice(0, 200),
    reference: text(cell('reference')),
    notices: [...new Set(notes.flatMap(noticesNamed))],
  }
}

/**
 * Whether a line under a known reference is the money that is known. Another payer under the same reference is other money,
 * or a bank that numbers badly: it is told, and never passed over.
 */
export const sameReceipt = (
  a: Pick<StatementLine, 'amountFen' | 'on' | 'payer'>,
  b: Pick<StatementLine, 'amountFen' | 'on' | 'payer'>,
): boolean => a.amountFen === b.amountFen && a.on === b.on && a.payer === b.payer

/**
 * A reference twice in one file. Even a line that is the same in everything is told: it may be a page that overlaps or two
 * equal payments that the bank gave one number, and only people can find out which.
 */
const twiceProblem = (first: StatementLine, again: StatementLine): string =>
  sameReceipt(first, again) && first.note === again.note
    ? `第 ${again.row} 行与第 ${first.row} 行完全相同：是同一笔就删去一行，是两笔就请银行给出各自的流水号`
    : `第 ${again.row} 行的流水号与第 ${first.row} 行相同，日期、金额、付款人或附言不同：请核对，是两笔就请银行给出各自的流水号`

/** What is wrong with a statement, in one refusal; the first hundred are listed. */
export const statementWrong = (problems: readonly string[]) =>
  refuse({
    code: 'statement_rows_wrong',
    count: problems.length,
    first: problems.slice(0, 3).join('；'),
    problems: problems.slice(0, 100),
  })

/**
 * The lines of a statement by which money came; every line that cannot be read is told, and then none is taken. Money that
 * went back stands as a negative amount, which is told too: we do not book it yet, and it must not be passed over. Pure.
 */
export const statementLines = (rows: readonly SheetRow[], today: CivilDate): Result<StatementLine[]> => {
  const missingIn = (columns: Columns) => needed.filter((column) => columns[column].length === 0)
  const header = rows
    .slice(0, 15)
    .map((row) => ({ row: row.number, columns: columnsOf(row) }))
    .sort((a, b) => missingIn(a.columns).length - missingIn(b.columns).length)[0]
  const missing = header ? missingIn(header.columns) : needed
  if (!header || missing.length > 0)
    return refuse({
      code: 'statement_columns_missing',
      missing: missing.map((column) => columnNames[column][0]).join('、'),
    })
  const byReference = new Map<string, StatementLine>()
  const problems: string[] = []
  for (const row of rows) {
    if (row.number <= header.row) continue
    const line = lineOf(row, header.columns, today)
    if (line === null) continue
    if (typeof line === 'string') {
      problems.push(line)
      continue
    }
    const first = byReference.get(line.reference)
    if (first) problems.push(twiceProblem(first, line))
    else byReference.set(line.reference, line)
  }
  return problems.length > 0 ? statementWrong(problems) : ok([...byReference.values()])
}
