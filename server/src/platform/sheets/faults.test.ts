import { crc32, deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readSheet, type SheetRow, writeXlsx } from './index.ts'

// Files that are made to harm, or that a program made badly: each is a clear no within seconds, and the server lives on.

/** A zip package of our own making; `says` is what its directory claims of an entry's size. */
const zip = (entries: Readonly<Record<string, { bytes: Buffer; says?: number }>>): Buffer => {
  const [locals, directory]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const [name, { bytes, says = bytes.length }] of Object.entries(entries)) {
    const packed = deflateRawSync(bytes)
    const head = Buffer.alloc(26)
    head.writeUInt16LE(20, 0)
    head.writeUInt16LE(8, 4)
    head.writeUInt32LE(crc32(bytes), 10)
    head.writeUInt32LE(packed.length, 14)
    head.writeUInt32LE(says, 18)
    head.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, Buffer.from(name), packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, rest, Buffer.from(name)]))
    locals.push(local)
    at += local.length
  }
  const end = Buffer.alloc(18)
  const listed = Buffer.concat(directory)
  end.writeUInt16LE(directory.length, 4)
  end.writeUInt16LE(directory.length, 6)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(at, 12)
  return Buffer.concat([...locals, listed, Buffer.from('PK\x05\x06', 'latin1'), end])
}
const text = (of: string) => ({ bytes: Buffer.from(of) })
const workbook = (sheet: { bytes: Buffer; says?: number }) =>
  zip({
    '[Content_Types].xml': text('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'),
    '_rels/.rels': text(
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    ),
    'xl/workbook.xml': text(
      '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
    ),
    'xl/_rels/workbook.xml.rels': text(
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    ),
    'xl/worksheets/sheet1.xml': sheet,
  })
const sheetXml = (inside: string) =>
  `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${inside}</sheetData></worksheet>`
const cell = (value: string) => `<c t="inlineStr"><is><t>${value}</t></is></c>`

const refusal = async (bytes: Buffer) => {
  const started = Date.now()
  const answer = await readSheet(bytes, () => {})
  return [answer.ok ? 'ok' : answer.refused.code, Date.now() - started < 20_000 ? 'in time' : 'too late']
}
const cells = async (bytes: Buffer) => {
  const rows: SheetRow[] = []
  const answer = await readSheet(bytes, (batch) => void rows.push(...batch))
  expect(answer).toMatchObject({ ok: true })
  return rows.map((row) => row.cells)
}

test('the package we make by hand is a sheet, so that what follows is refused for what is wrong with it', async () => {
  expect(await cells(workbook(text(sheetXml(`<row r="1">${cell('姓名')}${cell('身份证号')}</row>`))))).toEqual([
    ['姓名', '身份证号'],
  ])
})

test('a package that lies about its size: what really comes out is counted', async () => {
  // Forty megabytes of spaces in forty kilobytes, said to be a thousand bytes.
  const bomb = workbook({
    bytes: Buffer.concat([
      Buffer.from(sheetXml('').replace('</sheetData></worksheet>', '')),
      Buffer.alloc(40 * 1024 * 1024, 32),
    ]),
    says: 1_000,
  })
  const [code, when] = await refusal(bomb)
  expect(['sheet_too_heavy', 'sheet_damaged']).toContain(code)
  expect(when).toBe('in time')
}, 60_000)

test('a million rows, a million columns, a cell of many megabytes', async () => {
  expect(await refusal(Buffer.from('a,b\n'.repeat(1_000_000)))).toEqual(['sheet_too_heavy', 'in time'])
  expect(await refusal(Buffer.from(`${'x,'.repeat(1_000_000)}\n`))).toEqual(['sheet_too_heavy', 'in time'])
  const rows = Array.from({ length: 300_000 }, (_, i) => `<row r="${i + 1}"><c><v>1</v></c></row>`).join('')
  expect(await refusal(workbook(text(sheetXml(rows))))).toEqual(['sheet_too_heavy', 'in time'])
  // One huge cell is cut, not taken: the row is then told as a name too long.
  const [row] = await cells(Buffer.from(`姓名,身份证号\n${'长'.repeat(2_000_000)},1\n`).subarray(0))
  expect(row).toEqual(['姓名', '身份证号'])
}, 60_000)

test('entities that name each other, or a file outside, are not followed', async () => {
  const doctype = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>`
  const xml = sheetXml(`<row r="1">${cell('&b;')}${cell('&f;')}</row>`).replace('<worksheet', `${doctype}<worksheet`)
  const answer = await readSheet(workbook(text(xml)), (batch) => {
    expect(JSON.stringify(batch)).not.toMatch(/aaaaaaaaaaaaaaaaaaaa|root:/)
  })
  expect([true, false]).toContain(answer.ok)
})

test('the same sheet as other programs write it: with prefixes, readings above signs, CDATA, escapes, no places', async () => {
  const xml = `<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:r><x:t>東</x:t></x:r><x:rPh sb="0" eb="1"><x:t>トウ</x:t></x:rPh><x:r><x:t><![CDATA[<京>]]></x:t></x:r></x:is></x:c><x:c t="str"><x:f>1</x:f><x:v>a_x000D_b&#x4e00;</x:v></x:c><x:c/><x:c><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>`
  expect(await cells(workbook(text(xml)))).toEqual([['東<京>', 'a\rb一', null, 7]])
})

test('a formula without a result, as several programs leave it: beside plain cells and in rows of its own', async () => {
  const row = (formula: string) => `<row r="1"><c r="A1" t="str"><v>甲</v></c>${formula}<c r="C1"><v>7</v></c></row>`
  for (const formula of [
    '<c r="B1"><f>1+1</f></c>',
    '<c r="B1" s="1"><f>1+1</f><v></v></c>',
    '<c r="B1"><f>1+1</f><v/></c>',
    '<c r="B1" t="str"><f>1+1</f></c>',
    '<c r="B1"><f t="shared" ref="B1:B9" si="0">1+1</f></c>',
  ])
    expect(await cells(workbook(text(sheetXml(row(formula))))), formula).toEqual([['甲', '=1+1', 7]])
  expect(await cells(workbook(text(sheetXml(row('<c r="B1"><f t="shared" si="0"/></c>')))))).toEqual([['甲', '=', 7]])
  expect(await cells(workbook(text(sheetXml(row('<c r="B1" t="str"><f>A9</f><v></v></c>')))))).toEqual([
    ['甲', null, 7],
  ])
})

test('a sheet cut off, closed wrongly, or not in UTF-8 is damaged; a sign that XML forbids in a name is not', async () => {
  const good = sheetXml(`<row r="1">${cell('姓名')}${cell('身份证号')}</row>`)
  for (const bad of [good.slice(0, -30), good.replace('</sheetData>', '</sheetDat>'), good.replace('</row>', '')])
    expect(await refusal(workbook(text(bad)))).toEqual(['sheet_damaged', 'in time'])
  expect(await refusal(workbook({ bytes: Buffer.from(good.replace('姓', '\xff'), 'latin1') }))).toEqual([
    'sheet_damaged',
    'in time',
  ])
  expect(await cells(workbook(text(good.replace('姓名', '姓\x0b名'))))).toEqual([['姓\x0b名', '身份证号']])
  expect(await refusal(workbook(text(''))).then(([code]) => code)).toMatch(/sheet_(damaged|empty)/)
})

test('what is taken at a glance is what the parser would have told: the same sheet, plain and made odd in many ways', async () => {
  const value = (i: number) => (i % 3 === 0 ? `<c r="B${i}" s="1"/>` : `<c r="B${i}" t="str"><v>甲${i}</v></c>`)
  const row = (i: number) =>
    `<row r="${i}" spans="1:3" ht="12.8"><c r="A${i}"><v>${i}</v></c>${value(i)}<c r="C${i}" t="b"><v>1</v></c></row>`
  const rows = Array.from({ length: 3_000 }, (_, i) => row(i + 1))
  const plain = await cells(workbook(text(sheetXml(rows.join('')))))
  expect(plain).toHaveLength(3_000)
  expect(plain[1_000]).toEqual([1_001, '甲1001', 'true'])
  const odd: Record<string, (xml: string, i: number) => string> = {
    'other quotes': (xml) => xml.replaceAll('"', "'"),
    'some rows with spaces': (xml, i) => (i % 7 === 0 ? xml.replaceAll('><', '>\n <') : xml),
    'places last': (xml) => xml.replace(/<c (r="[^"]*")( [^>/]+)/g, '<c$2 $1'),
    'signs written out': (xml, i) => (i % 5 === 0 ? xml.replace('甲', '&#x7532;') : xml),
    'comments that look like rows': (xml, i) => (i === 1_500 ? `<!-- ${row(1)}</row> -->${xml}` : xml),
    'marked-off text': (xml, i) => (i === 700 ? xml.replace(/甲(\d+)/, '<![CDATA[甲$1]]>') : xml),
    'a row longer than a piece': (xml, i) => (i === 900 ? xml.replace('<c ', `${' '.repeat(200_000)}<c `) : xml),
  }
  for (const [name, change] of Object.entries(odd))
    expect(await cells(workbook(text(sheetXml(rows.map(change).join(''))))), name).toEqual(plain)
  for (const cut of [
    rows.slice(0, -1).join('') + row(3_000).slice(0, -9),
    rows.join('').replace('</v></c></row>', '</c></v></row>'),
  ])
    expect(await refusal(workbook(text(sheetXml(cut))))).toEqual(['sheet_damaged', 'in time'])
}, 60_000)

test('rows that say no place, a place again, or one that no sheet has', async () => {
  const rows = (...places: string[]) => text(sheetXml(places.map((r) => `<row r="${r}">${cell('x')}</row>`).join('')))
  const numbers: number[] = []
  await readSheet(
    workbook(rows('2', '2', 'x', '1', '9')),
    (batch) => void numbers.push(...batch.map((row) => row.number)),
  )
  expect(numbers).toEqual([2, 3, 4, 5, 9])
  expect(await refusal(workbook(rows('99999999999')))).toEqual(['sheet_too_heavy', 'in time'])
  const placed = text(
    sheetXml(`<row><c r="7" t="b"><v>1</v></c><c r="ZZZZZZ1"><v></v></c><c r="c1"><v>1e5</v></c></row>`),
  )
  expect(await cells(workbook(placed))).toEqual([['true', null, 100_000]])
})

test('a text document is not a sheet; an entry that points outside is not read', async () => {
  expect(await refusal(zip({ 'word/document.xml': text('<x/>') }))).toEqual(['sheet_kind_not_taken', 'in time'])
  expect(await refusal(zip({ '../../etc/passwd': text('x') }))).toEqual(['sheet_damaged', 'in time'])
  for (const bytes of [Buffer.from('P'), Buffer.from([0xd0]), Buffer.from('PK\x03\x04', 'latin1')])
    expect((await refusal(bytes))[0]).toMatch(/^(sheet_|ok)/)
})

test('“Unicode text” of a spreadsheet program, with tabs, is read in both byte orders', async () => {
  const said = '姓名\t身份证号\r\n王芳\t1\r\n'
  const little = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(said, 'utf16le')])
  const big = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(said, 'utf16le').swap16()])
  for (const bytes of [little, big])
    expect(await cells(bytes)).toEqual([
      ['姓名', '身份证号'],
      ['王芳', '1'],
    ])
})

test('signs of nothing are left out, wherever they stand', async () => {
  const csv = Buffer.from(`姓名,身份证号\n${'张三,1\n'.repeat(1_000)}李\0四,2\n`)
  expect((await cells(csv)).at(-1)).toEqual(['李四', '2'])
})

test('what begins like a formula comes out as a text in both kinds of file we write', async () => {
  const hostile = ['=1+1', '+1', '-1', '@x', '\tx']
  for (const given of await cells(await writeXlsx([hostile])))
    for (const each of given) expect(String(each)).toMatch(/^'/)
})

test('a quotation mark too many at the start of a cell is told by its line: it would swallow the rows below', async () => {
  const rows = (more: string) => Buffer.from(`姓名,身份证号\r\n${more}\r\n王五,3\r\n赵六,4\r\n`)
  const line = async (bytes: Buffer) => {
    const answer = await readSheet(bytes, () => {})
    return answer.ok ? 'ok' : [answer.refused.code, answer.refused.line]
  }
  expect(await line(rows('张三,1\r\n"李四,2'))).toEqual(['sheet_quote_open', 3])
  expect(await line(rows('"张三,1\r\n"李四,2'))).toEqual(['sheet_quote_open', 2])
  expect(await line(rows('"多行\r\n的一格",1\r\n"李四,2\r\n孙七,5"'))).toEqual(['sheet_quote_open', 4])
  const long = Buffer.from(`姓名,身份证号\n${'张三,1\n'.repeat(60_000)}"李四,2\n${'王五,3\n'.repeat(9)}`)
  expect(await line(long)).toEqual(['sheet_quote_open', 60_002])
  // What programs write themselves is read as ever: lines within a cell, marks within a text, a name in marks.
  expect(await cells(rows('"一\r\n二, 三",1\r\n"他说""好""",2\r\n"5"" 管",3\r\n李"四,""\r\n"孙七"x,1'))).toEqual([
    ['姓名', '身份证号'],
    ['一\r\n二, 三', '1'],
    ['他说"好"', '2'],
    ['5" 管', '3'],
    ['李"四', null],
    ['孙七x', '1'],
    ['王五', '3'],
    ['赵六', '4'],
  ])
})
