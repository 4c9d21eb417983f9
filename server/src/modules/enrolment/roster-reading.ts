import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import type { Cell, SheetRow } from '#platform/sheets/index.ts'

// What officers call the columns; compared without spaces, brackets and punctuation.
const names = {
  name: ['姓名', '职工姓名', '会员姓名', '名字', '参保人姓名', '被保障人姓名'],
  paper: ['身份证号', '身份证号码', '证件号码', '证件号', '公民身份号码', '身份证', '公民身份证号码', '居民身份证号码'],
  paperKind: ['证件类型', '证件种类', '证件名称'],
  sex: ['性别'],
  born: ['出生日期', '出生年月日', '生日'],
  staffNumber: ['工号', '职工编号', '员工编号', '人员编号', '职工号'],
  shares: ['份数', '参保份数', '参加份数', '互助份数', '购买份数', '认购份数', '投保份数', '每人份数', '份额'],
  option: ['档次', '选项', '参保档次'],
  /** of a downloaded roster, whose numbers are masked: what stands for the number */
  rowKey: ['原行号'],
} as const
export type Column = keyof typeof names
export type Columns = Readonly<Partial<Record<Column, number>>>
/** What a column is called where we ask for it. */
export const columnTitle = (column: Column): string => names[column][0]

const bare = (cell: Cell): string =>
  String(cell ?? '')
    .normalize('NFKC')
    .replace(/[（(【[].*?[）)】\]]/g, '')
    .replace(/[\s*＊:：。.、]/g, '')
const known = new Map<string, Column>(
  Object.entries(names).flatMap(([column, words]) => words.map((word) => [word, column as Column] as const)),
)

/** A long number in what should be a title may be somebody's: it is not repeated. */
export const withoutNumbers = (text: string): string =>
  text.normalize('NFKC').replace(/\d(?:[\s-]?\d){4,}[Xx]?/g, '*****')

export interface Header {
  readonly row: number
  readonly columns: Columns
  readonly titles: readonly string[]
  /** titles of the columns that mean nothing to us, or that stand there a second time */
  readonly notRead: readonly string[]
}

/** Columns of which nobody expects anything. */
const nothingLost = new Set(['', '序号', '备注', '处理结果'])

const filledIn = (rows: readonly SheetRow[], at: number): number =>
  rows.filter(({ cells }) => String(cells[at] ?? '').trim() !== '').length
/** Of several columns of one meaning the one that is filled most; of equals the first. */
const fullest = (places: readonly number[], below: readonly SheetRow[]): number =>
  places.reduce((best, at) => (filledIn(below, at) > filledIn(below, best) ? at : best))

/** Finds the row with the columns' names, below any titles, in any order. Null: this row is not it. */
export const headerIn = (row: SheetRow, below: readonly SheetRow[] = []): Header | null => {
  const places = new Map<Column, number[]>()
  row.cells.forEach((cell, i) => {
    const column = typeof cell === 'string' ? known.get(bare(cell)) : undefined
    if (column) places.set(column, [...(places.get(column) ?? []), i])
  })
  if (!(places.has('name') && places.has('paper')) && places.size < 3) return null
  const columns: Columns = Object.fromEntries([...places].map(([column, at]) => [column, fullest(at, below)]))
  const used = new Set(Object.values(columns))
  const titles = row.cells.map((cell) => String(cell ?? ''))
  const notRead = titles.filter((title, i) => !used.has(i) && !nothingLost.has(bare(title)))
  return { row: row.number, columns, titles, notRead }
}

/** The header among the first rows; refuses a sheet without names or paper numbers, saying what was looked for. */
export const findHeader = (rows: readonly SheetRow[]): Result<Header, Refused> => {
  const header = rows
    .slice(0, 20)
    .map((row, i) => headerIn(row, rows.slice(i + 1)))
    .find((each) => each !== null)
  const missing = [
    ...(header?.columns.name === undefined ? ['姓名'] : []),
    ...(header?.columns.paper === undefined ? ['身份证号'] : []),
  ]
  if (!header || missing.length > 0) {
    // Without a heading the first row may be a person's: her number is not repeated.
    const seen = (rows[0]?.cells ?? [])
      .map((cell) => withoutNumbers(String(cell ?? '')).slice(0, 12))
      .filter((text) => text !== '')
    return refuse({ code: 'roster_columns_missing', missing: missing.join('、'), seen: seen.slice(0, 8).join('、') })
  }
  return ok(header)
}
