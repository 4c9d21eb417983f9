import { fromBufferPromise } from 'yauzl'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'

export type SheetKind = 'xlsx' | 'text'

/** Limits of a sheet: what is more is refused before it is unpacked. */
export const limits = {
  unpackedBytes: 400 * 1024 * 1024,
  entries: 2_000,
  rows: 200_000,
  /** no program counts further; empty ones among them are not rows */
  lastRow: 1_048_576,
  columns: 100,
  cellLength: 500,
  ratio: 200,
} as const

const heavy = (limit: string) => refuse({ code: 'sheet_too_heavy', limit })

/** What a file is by its first bytes, and, for a package of zip entries, whether it may be unpacked at all. */
export const guardSheet = async (bytes: Buffer): Promise<Result<SheetKind, Refused>> => {
  if (bytes.length === 0) return refuse({ code: 'sheet_empty' })
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0xd0cf11e0) return refuse({ code: 'sheet_old_format' })
  // “Unicode text” of spreadsheet programs: UTF-16, told by its first two bytes.
  if (/^(\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2)) && bytes.length % 2 === 0) return ok('text')
  if (bytes.toString('latin1', 0, 4) !== 'PK\x03\x04')
    return bytes.subarray(0, 4_096).includes(0) ? refuse({ code: 'sheet_kind_not_taken' }) : ok('text')
  return guardZip(bytes)
}

/** Reads the directory at the end of the package: sizes as declared, and names. What really comes out is counted on reading. */
const guardZip = async (bytes: Buffer): Promise<Result<SheetKind, Refused>> => {
  const names = new Set<string>()
  let unpacked = 0
  try {
    const zip = await fromBufferPromise(bytes)
    if (zip.entryCount > limits.entries) return heavy(`${limits.entries} 个部分`)
    for await (const entry of zip.eachEntry()) {
      names.add(entry.fileName)
      unpacked += entry.uncompressedSize
    }
  } catch {
    return refuse({ code: 'sheet_damaged' })
  }
  if (unpacked > limits.unpackedBytes || unpacked > bytes.length * limits.ratio + 1024 * 1024) return heavy('400 MB')
  if (names.has('xl/workbook.xml')) return ok('xlsx')
  return refuse({ code: names.has('content.xml') ? 'sheet_is_ods' : 'sheet_kind_not_taken' })
}
