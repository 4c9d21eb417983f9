import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { defectText } from '#contract/roster-defects.ts'
import { day } from '#kernel/days.ts'
import { readPlan } from '#modules/plans/index.ts'
import { readSheet, type SheetRow, writeXlsx } from '#platform/sheets/index.ts'
import { type CheckedRow, checkRow, markDoubles } from './roster-defects.ts'
import { findHeader } from './roster-reading.ts'
import { countsOf, reportSheet } from './roster-report.ts'

const file = (name: string) =>
  readFile(fileURLToPath(new URL(`../../../../test/fixtures/rosters/${name}`, import.meta.url)))
const plan = await readPlan(fileURLToPath(new URL('../../../../plans/demo-hospital', import.meta.url)))
if (!plan.ok || !plan.value[0]) throw new Error('no plan')
const { edition } = plan.value[0]

const read = async (bytes: Buffer): Promise<SheetRow[]> => {
  const rows: SheetRow[] = []
  const answer = await readSheet(bytes, (batch) => {
    rows.push(...batch)
  })
  if (!answer.ok) throw new Error(answer.refused.code)
  return rows
}
const judge = async (bytes: Buffer) => {
  const rows = await read(bytes)
  const header = findHeader(rows)
  if (!header.ok) throw new Error(header.refused.code)
  const checked = rows
    .filter((row) => row.number > header.value.row)
    .map((row) =>
      checkRow(row, header.value.columns, { edition, on: day('2026-04-01'), demonstration: true, earlier: null }),
    )
  return { header: header.value, rows: markDoubles(checked, new Map()) }
}
const reportOf = (rows: readonly CheckedRow[]) => rows.map((each) => ({ ...each, accepted: each.clean !== null }))
const found = (rows: readonly CheckedRow[]) =>
  Object.fromEntries(rows.map((row) => [row.row.number, row.defects.map((defect) => defect.code)]))

const expected = {
  4: ['name_spaces'],
  5: [],
  6: ['paper_check_digit'],
  7: ['paper_15_digits'],
  8: [],
  9: ['twice_in_file'],
  10: ['too_old'],
  11: ['born_needed'],
  12: ['name_spaces'],
  13: ['paper_missing'],
  14: ['name_odd'],
  15: ['formula_unread', 'name_odd'],
}

test.each(['libreoffice.xlsx', 'libreoffice-gb18030.csv', 'python-utf8-bom.csv'])(
  '%s: the same people, the same defects, row by row',
  async (name) => {
    const { rows } = await judge(await file(name))
    expect(found(rows)).toEqual(expected)
    expect(rows.find((row) => row.row.number === 8)?.clean?.name).toBe('𠮷田䶮') // rare signs survive GB18030
    expect(countsOf(rows.length, reportOf(rows))).toMatchObject({ accepted: 4, toMend: 8 })
  },
)

test('papers that LibreOffice guessed to be numbers are found, and said how to mend', async () => {
  const { rows } = await judge(await file('libreoffice-numbers.xlsx'))
  expect(found(rows)[5]).toContain('paper_as_number')
  expect(found(rows)[7]).toContain('paper_15_digits') // fifteen digits are whole in a number cell
})

test('the report is the same sheet with a remark column, and opens again', async () => {
  const { header, rows } = await judge(await file('libreoffice.xlsx'))
  const above = (await read(await file('libreoffice.xlsx'))).filter((row) => row.number < header.row)
  const again = await read(await reportSheet(header, above, reportOf(rows)))
  const at = (number: number) => again.find((row) => row.number === number)?.cells ?? []
  expect(at(header.row).slice(-2)).toEqual(['处理结果', '备注'])
  // Every row in the line it came in, titles too: what is said of row 6 stands in row 6.
  expect(again.map((row) => row.number)).toEqual(
    [...above, { number: header.row }, ...rows.map(({ row }) => row)].map((row) => row.number),
  )
  expect(above.length).toBeGreaterThan(0)
  for (const { row, defects } of rows.filter((each) => each.defects.length > 0))
    expect(at(row.number).at(-1)).toContain(defectText(defects[0] as never))
  expect(JSON.stringify(again.at(-1))).toContain("'=HYPERLINK") // never a formula
})

test('files that are no roster are refused in words, and at once', async () => {
  const refusal = async (bytes: Buffer) => {
    const answer = await readSheet(bytes, () => {})
    return answer.ok ? 'ok' : answer.refused.code
  }
  expect(await refusal(await file('libreoffice.ods'))).toBe('sheet_is_ods')
  expect(await refusal(Buffer.alloc(0))).toBe('sheet_empty')
  expect(await refusal(Buffer.from('d0cf11e0a1b11ae1', 'hex'))).toBe('sheet_old_format')
  expect(await refusal(Buffer.from([1, 2, 3, 0, 4, 5]))).toBe('sheet_kind_not_taken')
  expect(await refusal(Buffer.from([0xff, 0xfe, 0xfd]))).toBe('sheet_encoding_unknown')
  const whole = await file('libreoffice.xlsx')
  expect(await refusal(whole.subarray(0, whole.length - 200))).toBe('sheet_damaged')
  const wide = await writeXlsx([Array.from({ length: 16_000 }, (_, i) => `x${i}`)])
  expect(await refusal(wide)).toBe('sheet_too_heavy')
})

test('a package that would unpack to more than it may is refused before it is unpacked', async () => {
  const bomb = Buffer.from(await file('libreoffice.xlsx'))
  const entry = bomb.indexOf(Buffer.from('PK\x01\x02', 'latin1'))
  bomb.writeUInt32LE(3_000_000_000, entry + 24)
  const answer = await readSheet(bomb, () => {})
  expect(answer).toMatchObject({ ok: false, refused: { code: 'sheet_too_heavy' } })
})
