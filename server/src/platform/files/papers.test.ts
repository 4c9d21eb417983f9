import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { PDFDocument } from '@cantoo/pdf-lib'
import { PhotonImage } from '@silvia-odwyer/photon-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ok } from '#kernel/result.ts'
import { type TestDatabase, testContext, testDatabase } from '../../../../test/database.ts'
import { scan } from '../../seed/scan.ts'
import { transact } from '../database/index.ts'
import { cleanPaper } from './clean-paper.ts'
import { mostMegapixels, turn } from './image.ts'
import { mostPages } from './pdf.ts'

// A paper is opened before it is kept. What it tells of where it was taken, and what was hidden in it, goes no further.

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
})
afterAll(() => base.close())

const received = async (bytes: Buffer) => {
  const answer = await base.services.files.receive(bytes)
  return answer.ok ? answer.value : answer.refused
}
const photo = (width = 4, height = 2): PhotonImage => {
  const pixels = new Uint8Array(width * height * 4).fill(255)
  for (let at = 0; at < width * 4 * (height / 2); at += 4) pixels.set([200, 30, 30, 255], at) // red above, white below
  return new PhotonImage(pixels, width, height)
}
const red = (image: PhotonImage, x: number, y: number): boolean => {
  const [r = 0, g = 0] = image.get_raw_pixels().subarray((y * image.get_width() + x) * 4)
  return r > 150 && g < 120
}
const opened = (bytes: Buffer): PhotonImage => PhotonImage.new_from_byteslice(bytes)

/** An EXIF block with an orientation and, in words, where it was taken. */
const exif = (orientation: number): Buffer => {
  const tiff = Buffer.alloc(26)
  tiff.write('II*\0', 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(1, 8)
  tiff.writeUInt16LE(0x0112, 10)
  tiff.writeUInt16LE(3, 12)
  tiff.writeUInt32LE(1, 14)
  tiff.writeUInt16LE(orientation, 18)
  return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, Buffer.from('GPS 31.2304 N 121.4737 E')])
}
const withExif = (jpeg: Buffer, orientation: number): Buffer => {
  const block = exif(orientation)
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(block.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, block, jpeg.subarray(2)])
}
const chunk = (kind: string, inside: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), inside])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(inside.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}
/** A PNG that says it is this large, with almost nothing in it. */
const png = (width: number, height: number, extra: Buffer = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 0, 0, 0, 0], 8) // grey, eight bits
  const rows = deflateSync(Buffer.alloc(width < 100_000 ? (width + 1) * Math.min(height, 10_000) : 9))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', head), extra, chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))])
}

test('a photo is turned upright, and no longer tells where and by what it was taken', async () => {
  const jpeg = Buffer.from(photo(64, 32).get_bytes_jpeg(90))
  const taken = withExif(jpeg, 6)
  const paper = await received(taken)
  expect(paper).toMatchObject({ mediaType: 'image/jpeg' })
  const kept = (paper as { bytes: Buffer }).bytes
  expect(kept.includes('GPS') || kept.includes('Exif')).toBe(false)
  const image = opened(kept)
  expect([image.get_width(), image.get_height()]).toEqual([32, 64])
  expect([red(image, 28, 30), red(image, 3, 30)]).toEqual([true, false]) // what was above is now at the right
})

test('each way to hold a camera comes out upright', () => {
  // Of a picture `ab/cd` as it should be seen, what each camera position writes down.
  const written: Record<number, [string, number]> = {
    1: ['abcd', 2],
    2: ['badc', 2],
    3: ['dcba', 2],
    4: ['cdab', 2],
    5: ['acbd', 2],
    6: ['bdac', 2],
    7: ['dbca', 2],
    8: ['cadb', 2],
  }
  for (const [orientation, [letters, width]] of Object.entries(written)) {
    const pixels = Uint32Array.from(letters, (letter) => letter.charCodeAt(0))
    const seen = turn({ pixels, width, height: 2 }, Number(orientation))
    expect(String.fromCharCode(...seen.pixels), orientation).toBe('abcd')
  }
  expect(turn({ pixels: new Uint32Array(6), width: 3, height: 2 }, 8)).toMatchObject({ width: 2, height: 3 })
})

test('a PNG stays one without its notes; a WebP becomes a JPEG on white', async () => {
  const note = chunk('tEXt', Buffer.from('Comment\0taken at home'))
  const paper = await received(png(30, 20, Buffer.concat([note, chunk('eXIf', exif(6).subarray(6))])))
  expect(paper).toMatchObject({ mediaType: 'image/png' })
  const kept = (paper as { bytes: Buffer }).bytes
  expect(kept.includes('taken at home') || kept.includes('GPS')).toBe(false)
  expect(opened(kept).get_width()).toBe(20)

  const clear = new PhotonImage(new Uint8Array(16 * 16 * 4), 16, 16)
  const webp = await received(Buffer.from(clear.get_bytes_webp()))
  expect(webp).toMatchObject({ mediaType: 'image/jpeg' })
  expect(opened((webp as { bytes: Buffer }).bytes).get_raw_pixels()[0]).toBeGreaterThan(250)
})

test('what was put behind a photo is left behind; one that is an archive or a document too is refused', async () => {
  const jpeg = Buffer.from(photo(64, 32).get_bytes_jpeg(90))
  const paper = await received(Buffer.concat([jpeg, Buffer.from('<?php system($_GET[0]) ?>')]))
  expect((paper as { bytes: Buffer }).bytes.includes('php')).toBe(false)
  const archive = Buffer.from(`PK\x03\x04aPK\x01\x02bPK\x05\x06${'\0'.repeat(18)}`, 'latin1')
  const hides = { code: 'paper_hides_another' }
  expect(await received(Buffer.concat([jpeg, archive]))).toEqual(hides)
  expect(await received(Buffer.concat([scan('x'), archive]))).toEqual(hides)
  expect(
    await received(
      Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 9]), Buffer.from('%PDF-1.'), jpeg.subarray(2)]),
    ),
  ).toEqual(hides)
})

test('an image that does not open is refused, and the next one is taken', async () => {
  const jpeg = Buffer.from(photo(640, 320).get_bytes_jpeg(90))
  for (const broken of [
    jpeg.subarray(0, jpeg.length / 2),
    jpeg.subarray(0, 4),
    Buffer.from('\xff\xd8\xff and then words', 'latin1'),
    png(40, 20_000),
    png(0, 20),
    Buffer.from('RIFF\x08\0\0\0WEBPVP8 ', 'latin1'),
  ])
    expect(await received(broken)).toEqual({ code: 'paper_broken' })
  expect(await received(jpeg)).toMatchObject({ mediaType: 'image/jpeg' })
})

test('an image says how large it is before it is unpacked: at the limit, and one line above it', async () => {
  const most = mostMegapixels * 1_000_000
  expect(await received(png(10_000, most / 10_000 + 1))).toEqual({
    code: 'image_too_many_pixels',
    most: mostMegapixels,
  })
  expect(await received(png(2 ** 31 - 1, 2 ** 31 - 1))).toMatchObject({ code: 'image_too_many_pixels' })
  expect(await received(png(10_000, most / 10_000))).toMatchObject({ mediaType: 'image/png' })
}, 60_000)

test('a PDF is kept to the byte, to the last page that is taken', async () => {
  const paper = scan('病历', { pages: mostPages })
  expect(await received(paper)).toMatchObject({ mediaType: 'application/pdf', bytes: paper })
  expect(await received(scan('病历', { pages: mostPages + 1 }))).toEqual({
    code: 'pdf_too_many_pages',
    pages: mostPages + 1,
    most: mostPages,
  })
})

test('a PDF that does something by itself is refused, with what it would do', async () => {
  const doing = (what: string) => ({ code: 'pdf_active', what })
  const js = '<< /S /JavaScript /JS (app.alert(1)) >>'
  expect(await received(scan('x', { catalog: `/OpenAction ${js}` }))).toEqual(doing('脚本'))
  expect(await received(scan('x', { extra: [js] }))).toEqual(doing('脚本'))
  expect(await received(scan('x', { extra: ['<< /S /J#61vaScript >>'] }))).toEqual(doing('脚本'))
  expect(await received(scan('x', { extra: ['[ [ << /A << /S /Launch /F (calc.exe) >> >> ] ]'] }))).toEqual(
    doing('启动程序的动作'),
  )
  expect(await received(scan('x', { catalog: '/AcroForm << /XFA [] >>' }))).toEqual(doing('动态表单'))
  expect(await received(scan('x', { extra: ['<< /Type /Annot /Subtype /RichMedia >>'] }))).toEqual(doing('音像'))
  expect(
    await received(scan('x', { extra: ['<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://a.cn) >> >>'] })),
  ).toMatchObject({ mediaType: 'application/pdf' })
  // Written twice under one number, the harmless one last: a viewer that goes by the table would run the other.
  const twice = scan('x', { extra: [js] })
    .toString('latin1')
    .replace('xref', '4 0 obj\n<< >>\nendobj\nxref')
  expect(await received(Buffer.from(twice, 'latin1'))).toEqual(doing('脚本'))
  // Packed away in an object stream, where no search for the word finds it.
  const packed = await PDFDocument.load(scan('x'))
  packed.context.register(packed.context.obj({ S: 'JavaScript' }))
  const bytes = Buffer.from(await packed.save({ useObjectStreams: true }))
  expect(bytes.includes('JavaScript')).toBe(false)
  expect(await received(bytes)).toEqual(doing('脚本'))
})

test('a PDF may enclose the figures of an electronic bill, and nothing else', async () => {
  const enclosing = async (inside: string, name: string) => {
    const document = await PDFDocument.load(scan('票据'))
    await document.attach(Buffer.from(inside), name)
    return Buffer.from(await document.save())
  }
  expect(await received(await enclosing('<?xml version="1.0"?><bill/>', 'bill.xml'))).toMatchObject({
    mediaType: 'application/pdf',
  })
  expect(await received(await enclosing('MZ program', 'bill.xml'))).toEqual({ code: 'pdf_encloses_file' })
  expect(await received(scan('x', { extra: ['<< /Type /EmbeddedFile >>'] }))).toEqual({ code: 'pdf_encloses_file' })
})

test('a PDF that wants a password is refused; one locked against changes only is looked into', async () => {
  const locked = async (userPassword: string, spoil = (_: PDFDocument) => {}) => {
    const document = await PDFDocument.load(scan('票据'))
    spoil(document)
    document.encrypt({ ownerPassword: 'owner', userPassword })
    return Buffer.from(await document.save())
  }
  expect(await received(await locked('secret'))).toEqual({ code: 'pdf_locked' })
  expect(await received(await locked(''))).toMatchObject({ mediaType: 'application/pdf' })
  expect(await received(await locked('', (document) => document.addJavaScript('x', 'app.alert(1)')))).toMatchObject({
    code: 'pdf_active',
  })
})

test('what is no PDF but begins like one, and what would unpack without end, are refused in time', async () => {
  for (const text of [
    '%PDF-1.4\n% nothing\n',
    '%PDF-1.4\n<script>alert(1)</script>',
    `%PDF-1.4\n1 0 obj\n${'['.repeat(300_000)}`,
  ])
    expect(await received(Buffer.from(text))).toEqual({ code: 'paper_broken' })
  const bomb = deflateSync(Buffer.alloc(400 * 1024 * 1024, 32))
  const heavy = Buffer.concat([
    Buffer.from('%PDF-1.5\n1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length '),
    Buffer.from(`${bomb.length} >>\nstream\n`),
    bomb,
    Buffer.from('\nendstream\nendobj\ntrailer\n<< /Root 2 0 R >>\n'),
  ])
  expect(await received(heavy)).toEqual({ code: 'paper_broken' })
  expect(await received(scan('x'))).toMatchObject({ mediaType: 'application/pdf' })
}, 60_000)

test('a paper that takes too long is let go, with the thread that held it; pages that name each other are none', async () => {
  const large = { bytes: png(5_000, 5_000), mediaType: 'image/png' as const }
  expect(await cleanPaper(large, 1)).toMatchObject({ refused: { code: 'paper_too_heavy' } })
  const round = scan('x').toString('latin1').replace('/Kids [3 0 R]', '/Kids [2 0 R]')
  expect(await received(Buffer.from(round, 'latin1'))).toEqual({ code: 'paper_broken' })
  // Four at once, where two may work: each gets its own answer.
  const several = await Promise.all([1, 2, 301, 4].map((pages) => received(scan('x', { pages }))))
  expect(several.map((each) => ('code' in each ? each.code : 'taken'))).toEqual([
    'taken',
    'taken',
    'pdf_too_many_pages',
    'taken',
  ])
}, 60_000)

test('the same paper handed in twice is still known, by what was handed in', async () => {
  const { services } = base
  const taken = withExif(Buffer.from(photo(64, 32).get_bytes_jpeg(90)), 3)
  const hashes: string[] = []
  for (let i = 0; i < 2; i += 1) {
    const paper = await services.files.receive(taken)
    if (!paper.ok) throw new Error(paper.refused.code)
    const ctx = testContext(base)
    const stored = await transact(ctx, 'test.store', async (tx) => ok(await services.files.store(tx, ctx, paper.value)))
    if (!stored.ok) throw new Error('stored')
    hashes.push(stored.value.contentHash.toString('hex'))
  }
  expect(hashes[0]).toBe(hashes[1])
  expect(hashes[0]).toBe(services.files.contentHash(taken).toString('hex'))
  const { rows } = await base.owner.query<{ name: string }>('select name from platform.file')
  const [first] = rows
  // On disk stands neither the photo nor what was made of it.
  const sealed = readFileSync(join(base.dir, 'files', first?.name.slice(0, 2) ?? '', first?.name ?? ''))
  expect(sealed.includes(Buffer.from([0xff, 0xd8, 0xff]))).toBe(false)
})
