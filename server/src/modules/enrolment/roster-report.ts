import { defectText, rosterDefects } from '#contract/roster-defects.ts'
import { assert } from '#kernel/assert.ts'
import { type Cell, writeXlsx } from '#platform/sheets/index.ts'
import type { CheckedRow } from './roster-defects.ts'
import type { Header } from './roster-reading.ts'

export interface RosterCounts {
  readonly rowsIn: number
  readonly accepted: number
  readonly toMend: number
  readonly warnings: number
  readonly defects: Readonly<Record<string, number>>
}

/** What the officer is told in one line each; rows in = accepted + to mend, always. */
export const countsOf = (rows: readonly CheckedRow[]): RosterCounts => {
  const defects: Record<string, number> = {}
  let accepted = 0
  let warnings = 0
  for (const { clean, defects: found } of rows) {
    if (clean) accepted += 1
    if (clean && found.length > 0) warnings += 1
    for (const { code } of found) defects[code] = (defects[code] ?? 0) + 1
  }
  const toMend = rows.filter((row) => !row.clean).length
  assert(rows.length === accepted + toMend, 'every row is either accepted or to be mended')
  return { rowsIn: rows.length, accepted, toMend, warnings, defects }
}

/** The same sheet again, in its own order and columns, with a remark column: what to mend, or what to look at. */
export const reportSheet = (header: Header, rows: readonly CheckedRow[]): Promise<Buffer> => {
  const width = Math.max(header.titles.length, ...rows.map(({ row }) => row.cells.length))
  const padded = (cells: readonly Cell[]): Cell[] => Array.from({ length: width }, (_, i) => cells[i] ?? null)
  const remark = ({ defects }: CheckedRow): string =>
    defects
      .map((defect) => `${rosterDefects[defect.code].level === 'warn' ? '请确认：' : '请修改：'}${defectText(defect)}`)
      .join('；')
  const sheet: Cell[][] = [
    [...padded(header.titles), '处理结果', '备注'],
    ...rows.map((each) => [...padded(each.row.cells), each.clean ? '已接收' : '未接收', remark(each) || null]),
  ]
  return writeXlsx(sheet, { name: '名单核对结果' })
}
