import { posix } from 'node:path'
import { SaxesParser } from 'saxes'
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'
import { limits } from './guard.ts'
import type { Cell, SheetRow } from './index.ts'

/**
 * The rows of a workbook's first sheet that is shown, a list for each piece of the file, as they come out of the package:
 * texts, numbers as they were kept, days as texts, and a formula as it is written where no program kept its result; at the end the
 * names of the other sheets that are shown and not empty. Throws where package or XML is broken; a RangeError names the refusal.
 */
export async function* xlsxRows(bytes: Uint8Array): AsyncGenerator<readonly SheetRow[], string[]> {
  const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
    autoClose: false,
  })
  const entries = new Map<string, Entry>()
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry)
  const part = (name: string) => textOf(zip, entries.get(name))

  const book = await bookOf(part)
  const strings = entries.has(book.strings) ? await stringsOf(part(book.strings)) : []
  const dated = entries.has(book.styles) ? await datedStylesOf(part(book.styles)) : []
  const rows = rowsHeard({ strings, dated, from1904: book.from1904 })
  const reader = readerOf(rows.heard, rows.plain)
  for await (const piece of part(book.sheet)) {
    reader.write(piece)
    yield rows.take()
  }
  reader.close()
  yield rows.take()
  const others: string[] = []
  for (const other of book.others) if (await hasCells(part(other.part))) others.push(other.name)
  return others
}

/** Whether a sheet has a value or a formula: read no further than to the first. */
const hasCells = async (pieces: AsyncIterable<string>): Promise<boolean> => {
  let before = ''
  for await (const piece of pieces) {
    if (/<(?:\w+:)?[vtf][ >]/.test(before + piece)) return true
    before = piece.slice(-32)
  }
  return false
}

/** The text of a part, piece by piece; a part that is not there has none. The package's reader counts what comes out. */
async function* textOf(zip: ZipFile, entry: Entry | undefined): AsyncGenerator<string> {
  if (!entry) return
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const piece of await zip.openReadStreamPromise(entry))
    yield decoder.decode(piece as Buffer, { stream: true })
  yield decoder.decode()
}

type Attributes = Readonly<Record<string, string>>
interface Heard {
  readonly open: (name: string, attributes: Attributes) => void
  readonly text: (text: string) => void
  readonly close: (name: string) => void
}

/** Some programs write x:row where others write row. */
const bare = (name: string): string => name.slice(name.indexOf(':') + 1)

const parserFor = ({ open, text, close }: Heard) => {
  const parser = new SaxesParser({ position: false, xmlns: false })
  parser.on('opentag', (tag) => open(bare(tag.name), tag.attributes))
  parser.on('text', text)
  parser.on('cdata', text)
  parser.on('closetag', (tag) => close(bare(tag.name)))
  // Signs that XML forbids come into names by pasting; the row is checked like any other, so the file is not refused.
  parser.on('error', (error) => {
    if (!error.message.includes('disallowed character')) throw error
  })
  return parser
}

/** The plainest form of an element of which a part has many, and what to do with one. */
interface Plain {
  /** the element that holds them, and what ends each */
  readonly within: string
  readonly end: string
  /** matches a whole one, where it stands */
  readonly pattern: RegExp
  readonly take: (match: RegExpExecArray) => void
}
const longest = 64 * 1024

/**
 * Reads a part piece by piece. Whole elements of the plain form, of which almost all of a large sheet is made, are taken at a
 * glance: that is a tenth of the work. Everything else goes through the parser, in its place; and where a part holds comments or
 * the like, in which such a form may stand without being one, all the rest does.
 */
const readerOf = (heard: Heard, plain: Plain) => {
  let below = -1 // elements open below the holding one; -1 outside of it
  const parser = parserFor({
    text: heard.text,
    open: (name, attributes) => {
      if (below >= 0) below += 1
      else if (name === plain.within) below = 0
      heard.open(name, attributes)
    },
    close: (name) => {
      if (below >= 0) below -= 1
      heard.close(name)
    },
  })
  let rest = ''
  let glancing = true
  const parse = (xml: string): void => {
    if (/<[!?](?!xml )/.test(xml)) glancing = false
    parser.write(xml)
  }
  return {
    write: (piece: string): void => {
      rest += piece
      let at = 0
      while (glancing) {
        if (below === 0) {
          plain.pattern.lastIndex = at
          const match = plain.pattern.exec(rest)
          if (match) {
            plain.take(match)
            at = plain.pattern.lastIndex
            continue
          }
        }
        const end = rest.indexOf(plain.end, at)
        if (end < 0) break
        parse(rest.slice(at, end + plain.end.length))
        at = end + plain.end.length
      }
      rest = rest.slice(at)
      if (glancing && rest.length < longest) return
      parse(rest)
      rest = ''
    },
    close: (): void => {
      parse(rest)
      parser.close()
    },
  }
}

const hear = async (pieces: AsyncIterable<string>, heard: Partial<Heard>): Promise<void> => {
  const parser = parserFor({ open: () => {}, text: () => {}, close: () => {}, ...heard })
  for await (const piece of pieces) parser.write(piece)
  parser.close()
}

const mostOthers = 20
/** Which part is the sheet, which the texts and styles, and from which year days are counted. */
const bookOf = async (part: (name: string) => AsyncIterable<string>) => {
  const sheets: { key: string; name: string; shown: boolean }[] = []
  let from1904 = false
  await hear(part('xl/workbook.xml'), {
    open: (name, attributes) => {
      if (name === 'workbookPr') from1904 = ['1', 'true'].includes(attributes.date1904 ?? '')
      if (name !== 'sheet') return
      const key = Object.entries(attributes).find(([each]) => each.endsWith(':id'))?.[1] ?? ''
      sheets.push({ key, name: attributes.name ?? '', shown: (attributes.state ?? 'visible') === 'visible' })
    },
  })
  const parts: { key: string; kind: string; name: string }[] = []
  await hear(part('xl/_rels/workbook.xml.rels'), {
    open: (name, { Id = '', Type = '', Target = '' }) => {
      if (name !== 'Relationship') return
      parts.push({ key: Id, kind: Type.slice(Type.lastIndexOf('/') + 1), name: posix.resolve('/xl', Target).slice(1) })
    },
  })
  const isSheet = ({ key }: { key: string }) => parts.some((each) => each.key === key && each.kind === 'worksheet')
  const worksheets = sheets.filter(isSheet)
  const first = worksheets.find((each) => each.shown) ?? worksheets[0]
  const nameOf = (found: (each: { key: string; kind: string }) => boolean) => parts.find(found)?.name ?? ''
  const others = worksheets.filter((each) => each.shown && each !== first).slice(0, mostOthers)
  return {
    sheet: nameOf((each) => each.key === first?.key),
    others: others.map(({ key, name }) => ({ name, part: nameOf((each) => each.key === key) })),
    strings: nameOf((each) => each.kind === 'sharedStrings'),
    styles: nameOf((each) => each.kind === 'styles'),
    from1904,
  }
}

/** _x000D_ stands for a sign that XML can not carry. */
const unescaped = (text: string): string =>
  text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text

/** Texts that cells point to: the runs of one joined, without the readings (rPh) that are written above some of them. */
const stringsOf = async (pieces: AsyncIterable<string>): Promise<readonly string[]> => {
  const strings: string[] = []
  let [text, inText, inReading] = ['', false, false]
  const heard: Heard = {
    open: (name) => {
      if (name === 't') inText = !inReading
      else if (name === 'si') text = ''
      else if (name === 'rPh') inReading = true
    },
    text: (piece) => {
      if (inText) text += piece
    },
    close: (name) => {
      if (name === 't') inText = false
      else if (name === 'si') strings.push(unescaped(text))
      else if (name === 'rPh') inReading = false
    },
  }
  const reader = readerOf(heard, {
    within: 'sst',
    end: '</si>',
    pattern: /<si><t(?: xml:space="preserve")?>([^<&\r]*)<\/t><\/si>/y,
    take: ([, only = '']) => void strings.push(unescaped(only)),
  })
  for await (const piece of pieces) reader.write(piece)
  reader.close()
  return strings
}

// Formats of days that every program knows without their being written out.
const dayFormats = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58])
const isDayFormat = (code: string): boolean => {
  const signs = code.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, '')
  return /[yd]/i.test(signs) || (/m/i.test(signs) && !/[hs]/i.test(signs))
}

/** Of each cell style, whether a number in it is a day. */
const datedStylesOf = async (pieces: AsyncIterable<string>): Promise<readonly boolean[]> => {
  const formats = new Map<number, boolean>()
  const dated: boolean[] = []
  let inCells = false
  await hear(pieces, {
    open: (name, attributes) => {
      if (name === 'numFmt') formats.set(Number(attributes.numFmtId), isDayFormat(attributes.formatCode ?? ''))
      else if (name === 'cellXfs') inCells = true
      else if (name === 'xf' && inCells) {
        const format = Number(attributes.numFmtId ?? 0)
        dated.push(formats.get(format) ?? dayFormats.has(format))
      }
    },
    close: (name) => {
      if (name === 'cellXfs') inCells = false
    },
  })
  return dated
}

const dayMs = 86_400_000
/** A number of days since the end of 1899 (or 1904 began) as YYYY-MM-DD. The sheet's 29 February 1900 never was. */
const dayText = (serial: number, from1904: boolean): Cell => {
  if (!(serial >= 0 && serial < 2_958_466)) return serial
  const whole = Math.floor(serial)
  const since = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, whole < 60 ? 31 : 30)
  return new Date(since + whole * dayMs).toISOString().slice(0, 10)
}

/** BC12 → 54, counted from 0. */
const columnOf = (reference: string): number => {
  let column = 0
  for (let i = 0; i < reference.length; i += 1) {
    const sign = reference.charCodeAt(i) & 0xdf
    if (sign < 65 || sign > 90) break
    column = column * 26 + sign - 64
  }
  return column - 1
}

interface Meaning {
  readonly strings: readonly string[]
  readonly dated: readonly boolean[]
  readonly from1904: boolean
}

const cellOf = (text: string, type: string, style: number, { strings, dated, from1904 }: Meaning): Cell => {
  if (text === '') return null
  if (type === 's') return strings[Number(text)] ?? null
  if (type === 'inlineStr' || type === 'str') return unescaped(text)
  if (type === 'b') return text === '1' ? 'true' : 'false'
  if (type === 'd') return text.slice(0, 10)
  if (type !== 'n') return text
  const number = Number(text)
  if (Number.isNaN(number)) return text
  return dated[style] ? dayText(number, from1904) : number
}

const cellForm = (value: string): RegExp =>
  new RegExp(
    `<c r="(${value}[A-Z]{1,3})\\d{1,7}"(?: s="(${value}\\d{1,5})")?(?: t="(${value}[a-z]{1,3})")?(?:/>|><v>(${value}[^<&\\r]*)</v></c>)`,
    'g',
  )
/** A cell as almost every program writes it, and a row of nothing but such cells. */
const plainCell = cellForm('')
const plainRow = new RegExp(`<row r="(\\d{1,7})"(?:[^<>&]*[^<>&/])?>((?:${cellForm('?:').source})*)</row>`, 'y')

/** Makes rows of what is heard of a sheet. Cells and rows without a place of their own follow the one before. */
const rowsHeard = (meaning: Meaning) => {
  let rows: SheetRow[] = []
  let cells: Cell[] = []
  let [number, column, type, style] = [0, -1, 'n', 0]
  let [value, inValue, inReading] = ['', false, false]
  let [formula, inFormula, hasValue, hasFormula] = ['', false, false, false]
  const beginRow = (place: string | undefined): void => {
    const at = Number(place)
    number = Number.isInteger(at) && at > number ? at : number + 1
    if (number > limits.lastRow) throw new RangeError('sheet_too_heavy')
    cells = []
    column = -1
  }
  const beginCell = (place = '', itsType = 'n', itsStyle = '0'): void => {
    const at = columnOf(place)
    column = at < 0 ? column + 1 : at
    type = itsType
    style = Number(itsStyle)
  }
  const endCell = (text: string): void => {
    const cell = cellOf(text, type, style, meaning)
    if (cell === null) return
    if (column >= limits.columns) throw new RangeError('sheet_too_heavy')
    while (cells.length < column) cells.push(null)
    cells[column] = cell
  }
  const endRow = (): void => {
    if (cells.length > 0) rows.push({ number, cells })
  }
  const heard: Heard = {
    open: (name, attributes) => {
      if (name === 'c') {
        beginCell(attributes.r, attributes.t, attributes.s)
        ;[value, formula, hasValue, hasFormula] = ['', '', false, false]
      } else if (name === 'v' || name === 't') {
        inValue = !inReading
        hasValue = true
      } else if (name === 'f') [inFormula, hasFormula] = [true, true]
      else if (name === 'row') beginRow(attributes.r)
      else if (name === 'rPh') inReading = true
    },
    text: (piece) => {
      if (inValue) value += piece
      else if (inFormula) formula += piece
    },
    close: (name) => {
      if (name === 'v' || name === 't') inValue = false
      else if (name === 'f') inFormula = false
      else if (name === 'c') {
        // No program has worked it out yet. A formula whose result is an empty text says so with a value of that kind.
        const unworked = hasFormula && value === '' && !(hasValue && type === 'str')
        if (unworked) type = 'str'
        endCell(unworked ? `=${formula}` : value)
      } else if (name === 'row') endRow()
      else if (name === 'rPh') inReading = false
    },
  }
  const plain: Plain = {
    within: 'sheetData',
    end: '</row>',
    pattern: plainRow,
    take: ([, place, inside = '']) => {
      beginRow(place)
      plainCell.lastIndex = 0
      for (let cell = plainCell.exec(inside); cell; cell = plainCell.exec(inside)) {
        beginCell(cell[1], cell[3], cell[2])
        endCell(cell[4] ?? '')
      }
      endRow()
    },
  }
  return {
    heard,
    plain,
    take: (): readonly SheetRow[] => {
      const taken = rows
      rows = []
      return taken
    },
  }
}
