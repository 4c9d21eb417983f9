import { createRequire } from 'node:module'
import type * as PdfLib from '@cantoo/pdf-lib'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'

// As one module for `require`: its two hundred for `import` go through our loader one by one, which takes a second.
const {
  decodePDFRawStream,
  ParseSpeeds,
  PDFArray,
  PDFContext,
  PDFDict,
  PDFDocument,
  PDFInvalidObject,
  PDFName,
  PDFRawStream,
  PDFRef,
  PDFStream,
} = createRequire(import.meta.url)('@cantoo/pdf-lib') as typeof PdfLib

/** set by us, to be checked: a whole hospital record with its lists is rarely more */
export const mostPages = 300

/** What a PDF may do by itself, and what we call it to whoever handed it in. */
const actions: Readonly<Record<string, string>> = {
  JavaScript: '脚本',
  Launch: '启动程序的动作',
  SubmitForm: '自动提交的动作',
  ImportData: '自动读取的动作',
  GoToE: '打开附件的动作',
  Rendition: '音像',
  Movie: '音像',
  Sound: '音像',
  RichMedia: '音像',
  RichMediaExecute: '音像',
  Screen: '音像',
  '3D': '立体模型',
}

/**
 * Looks into a PDF without showing it: how many pages, whether a password locks it, and whether it does anything by itself.
 */
export const lookIntoPdf = async (bytes: Buffer): Promise<Result<null, Refused>> => {
  try {
    const { document, readings } = await everyObject(bytes)
    const standing = readings.at(-1)
    if (!standing || notUnderstood(readings)) return refuse({ code: 'paper_broken' })
    const pages = document.getPageCount()
    if (pages === 0) return refuse({ code: 'paper_broken' })
    if (pages > mostPages) return refuse({ code: 'pdf_too_many_pages', pages, most: mostPages })
    const word = plainly(bytes)
    if (word) return refuse({ code: 'pdf_active', what: actions[word] })
    const open: PdfLib.PDFObject[] = [...standing.values()].flat()
    for (const value of Object.values(document.context.trailerInfo)) if (value) open.push(value)
    for (let object = open.pop(); object; object = open.pop()) {
      if (object instanceof PDFArray) open.push(...object.asArray())
      const dict = object instanceof PDFStream ? object.dict : object
      if (!(dict instanceof PDFDict)) continue
      const what = doesByItself(dict)
      if (what) return refuse({ code: 'pdf_active', what })
      if (enclosed(object, dict, standing).some((each) => !isXml(each))) return refuse({ code: 'pdf_encloses_file' })
      open.push(...dict.values())
    }
    return ok(null)
  } catch {
    // Where a file speaks of its lock is never locked itself.
    return refuse({ code: bytes.includes('/Encrypt', 0, 'latin1') ? 'pdf_locked' : 'paper_broken' })
  }
}

/** Words that no page says of itself, looked for where the file is too badly made to be read as objects. */
const plainly = (bytes: Buffer): string | undefined =>
  ['JavaScript', 'Launch'].find((word) => bytes.includes(`/${word}`, 0, 'latin1'))

type Standing = Map<string, PdfLib.PDFObject[]>
/** Every object that stands in the file, not only the last of its number: a viewer may well go by another one. */
const everyObject = async (bytes: Buffer): Promise<{ document: PdfLib.PDFDocument; readings: Standing[] }> => {
  const readings: Standing[] = []
  const { assign } = PDFContext.prototype
  let into: PdfLib.PDFContext | undefined
  PDFContext.prototype.assign = function (ref, object) {
    if (this !== into) readings.push(new Map()) // a locked file is read once more, unlocked
    into = this
    const standing = readings.at(-1)
    const sameNumber = standing?.get(ref.tag)
    if (sameNumber) sameNumber.push(object)
    else standing?.set(ref.tag, [object])
    assign.call(this, ref, object)
  }
  try {
    const document = await PDFDocument.load(bytes, {
      password: '', // many a bill is locked against changes only, and opens without a word
      updateMetadata: false,
      preserveXFA: true,
      parseSpeed: ParseSpeeds.Fastest,
    })
    return { document, readings }
  } finally {
    PDFContext.prototype.assign = assign
  }
}

/** An object that no reading could make out; the table of a locked file is the one thing in it that is not locked. */
const notUnderstood = (readings: readonly Standing[]): boolean =>
  [...(readings.at(-1) ?? [])].some(([number, objects]) =>
    objects.some((_, i) => readings.every((reading) => reading.get(number)?.[i] instanceof PDFInvalidObject)),
  )

const nameAt = (dict: PdfLib.PDFDict, key: string): string => {
  const value = dict.lookup(PDFName.of(key))
  return value instanceof PDFName ? value.decodeText() : ''
}

const doesByItself = (dict: PdfLib.PDFDict): string | undefined => {
  if (dict.has(PDFName.of('JS'))) return '脚本'
  if (dict.has(PDFName.of('XFA'))) return '动态表单'
  return actions[nameAt(dict, 'S')] ?? (nameAt(dict, 'Type') === 'Annot' ? actions[nameAt(dict, 'Subtype')] : undefined)
}

/** The files that an object encloses, wherever in the PDF they stand. */
const enclosed = (object: PdfLib.PDFObject, dict: PdfLib.PDFDict, standing: Standing): readonly PdfLib.PDFObject[] => {
  const named = dict.lookup(PDFName.of('EF'))
  const files = named instanceof PDFDict ? named.values() : []
  const found = files.flatMap((file) => (file instanceof PDFRef ? (standing.get(file.tag) ?? []) : [file]))
  return nameAt(dict, 'Type') === 'EmbeddedFile' ? [...found, object] : found
}

/** The figures that an electronic bill carries beside its picture are XML; whatever else is enclosed was not asked for. */
const isXml = (file: PdfLib.PDFObject): boolean =>
  file instanceof PDFRawStream &&
  /^(\xef\xbb\xbf)?\s*<\?xml\s/.test(Buffer.from(decodePDFRawStream(file).decode()).toString('latin1', 0, 100))
