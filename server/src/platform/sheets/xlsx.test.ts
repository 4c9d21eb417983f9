import ExcelJS from 'exceljs'
import { expect, test } from 'vitest'
import { type Cell, readSheet } from './index.ts'

// What a workbook may hold beside plain texts, saved by another program's writer.

const read = async (book: ExcelJS.Workbook): Promise<{ number: number; cells: readonly Cell[] }[]> => {
  const rows: { number: number; cells: readonly Cell[] }[] = []
  const bytes = Buffer.from(await book.xlsx.writeBuffer())
  expect(await readSheet(bytes, (batch) => void rows.push(...batch))).toMatchObject({ ok: true })
  return rows
}

test('texts of several runs are joined; formulas give their results; days are days, in whatever format', async () => {
  const book = new ExcelJS.Workbook()
  const sheet = book.addWorksheet('名单')
  sheet.addRow([{ richText: [{ text: '王', font: { bold: true } }, { text: '芳' }] }, 'a<b & "c"\r\nd', ' 空 格 '])
  sheet.addRow([{ formula: 'A1&"x"', result: '王芳x' }, { formula: '1+1', result: 2 }, true])
  const days = sheet.addRow([28_915, 28_915.75, 28_915, 28_915, 28_915, 0.5])
  for (const [i, format] of ['yyyy-mm-dd', 'm/d/yy h:mm', 'yyyy"年"m"月"d"日"', '0.00', '[红色]0', 'h:mm'].entries())
    days.getCell(i + 1).numFmt = format
  sheet.addRow([{ text: '链接', hyperlink: 'https://example.org' }, { error: '#N/A' }, new Date('2000-02-29')])
  expect((await read(book)).map((row) => row.cells)).toEqual([
    ['王芳', 'a<b & "c"\nd', ' 空 格 '],
    ['王芳x', 2, 'true'],
    ['1979-03-01', '1979-03-01', '1979-03-01', 28_915, 28_915, 0.5],
    ['链接', '#N/A', '2000-02-29'],
  ])
})

test('a formula without a result is told as it is written: an empty cell would be another thing', async () => {
  const book = new ExcelJS.Workbook()
  const sheet = book.addWorksheet('名单')
  sheet.addRow(['张三', { formula: 'IF(A1<>"",3,0)' }, '末'])
  sheet.addRow([{ formula: 'A1&""' }, { formula: 'A9', result: '' }, { formula: '1+1', result: 0 }])
  sheet.addRow(['李四'])
  expect((await read(book)).map((row) => row.cells)).toEqual([
    ['张三', '=IF(A1<>"",3,0)', '末'],
    ['=A1&""', null, 0],
    ['李四'],
  ])
})

test('days counted from 1904, and the sheet that is shown where the first is hidden', async () => {
  const book = new ExcelJS.Workbook()
  book.properties.date1904 = true
  book.addWorksheet('字典', { state: 'hidden' }).addRow(['男'])
  book.addWorksheet('名单').addRow([new Date('1904-01-02'), new Date('2026-12-31')])
  expect(await read(book)).toEqual([{ number: 1, cells: ['1904-01-02', '2026-12-31'] }])
})

test('sheets that are shown, hold something and were not read are named; empty and hidden ones are not', async () => {
  const book = new ExcelJS.Workbook()
  book.addWorksheet('一').addRow(['甲'])
  book.addWorksheet('字典', { state: 'hidden' }).addRow(['男'])
  book.addWorksheet('Sheet2').getCell('B2').numFmt = '0.00'
  book.addWorksheet('三').getCell('C9').value = { formula: '1+1' }
  book.addWorksheet('四 & 五').addRow([1])
  const bytes = Buffer.from(await book.xlsx.writeBuffer())
  expect(await readSheet(bytes, () => {})).toEqual({ ok: true, value: { rows: 1, otherSheets: ['三', '四 & 五'] } })
})

test('rows and cells stand where they stood: empty ones between them are counted and not told', async () => {
  const book = new ExcelJS.Workbook()
  const sheet = book.addWorksheet('名单')
  sheet.getCell('B3').value = '姓名'
  sheet.getCell('AA3').value = '身份证号'
  sheet.getCell('C1000').value = 3.1e17
  sheet.getCell('A1001').value = ''
  expect(await read(book)).toEqual([
    { number: 3, cells: [null, '姓名', ...Array(24).fill(null), '身份证号'] },
    { number: 1_000, cells: [null, null, 3.1e17] },
  ])
})

test('the columns to the hundredth are read; a value beyond is too much, an empty cell there is not', async () => {
  const wide = (column: number, value: Cell) => {
    const book = new ExcelJS.Workbook()
    const row = book.addWorksheet('名单').addRow(['姓名'])
    row.getCell(column).value = value
    row.getCell(column).numFmt = '0.00'
    return book
  }
  expect((await read(wide(100, 'x')))[0]?.cells).toHaveLength(100)
  expect((await read(wide(16_384, null)))[0]?.cells).toEqual(['姓名'])
  const bytes = Buffer.from(await wide(101, 'x').xlsx.writeBuffer())
  expect(await readSheet(bytes, () => {})).toMatchObject({ refused: { code: 'sheet_too_heavy' } })
})
