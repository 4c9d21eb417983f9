import type { PaperType } from './media-type.ts'

/** What an image says of itself before it is decoded: its size, and how the camera was held (EXIF 1 to 8). */
export interface ImageHead {
  readonly width: number
  readonly height: number
  readonly orientation: number
}

/** The head of an image; undefined where it has none that can be read. Nothing is decoded for it. */
export const imageHead = (bytes: Buffer, type: PaperType): ImageHead | undefined => {
  try {
    const { sizes, exif } = heads[type](bytes)
    const [largest] = sizes.sort((a, b) => b.width * b.height - a.width * a.height)
    return largest && { ...largest, orientation: exif ? orientationIn(exif) : 1 }
  } catch {
    return undefined // it ended where something should have been
  }
}

interface Parts {
  /** every size the file speaks of: what is decoded may be any of them */
  readonly sizes: { width: number; height: number }[]
  readonly exif?: Buffer
}

const jpeg = (bytes: Buffer): Parts => {
  let exif: Buffer | undefined
  for (let at = 2; bytes[at] === 0xff; ) {
    const marker = bytes.readUInt8(at + 1)
    if (marker === 0xff) {
      at += 1 // a fill byte
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame)
      return {
        sizes: [{ height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }],
        ...(exif && { exif }),
      }
    const length = bytes.readUInt16BE(at + 2)
    if (marker === 0xe1 && bytes.toString('latin1', at + 4, at + 10) === 'Exif\0\0')
      exif ??= bytes.subarray(at + 10, at + 2 + length)
    at += 2 + length
  }
  return { sizes: [] }
}

const png = (bytes: Buffer): Parts => {
  const sizes = [{ width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }]
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'eXIf')
      return { sizes, exif: bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)) }
  return { sizes }
}

const webp = (bytes: Buffer): Parts => {
  const sizes: Parts['sizes'] = []
  let exif: Buffer | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const kind = bytes.toString('latin1', at, at + 4)
    const length = bytes.readUInt32LE(at + 4)
    const inside = bytes.subarray(at + 8, at + 8 + length)
    if (kind === 'VP8X') sizes.push({ width: inside.readUIntLE(4, 3) + 1, height: inside.readUIntLE(7, 3) + 1 })
    if (kind === 'VP8 ') sizes.push({ width: inside.readUInt16LE(6) & 0x3fff, height: inside.readUInt16LE(8) & 0x3fff })
    if (kind === 'VP8L') {
      const packed = inside.readUInt32LE(1)
      sizes.push({ width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 })
    }
    // Some programs put the opening of a JPEG's part before it.
    if (kind === 'EXIF') exif ??= inside.toString('latin1', 0, 6) === 'Exif\0\0' ? inside.subarray(6) : inside
    at += 8 + length + (length % 2)
  }
  return { sizes, ...(exif && { exif }) }
}

const heads: Readonly<Record<PaperType, (bytes: Buffer) => Parts>> = {
  'image/jpeg': jpeg,
  'image/png': png,
  'image/webp': webp,
  'application/pdf': () => ({ sizes: [] }),
}

/** The orientation in an EXIF block, which is a small TIFF; 1, upright, where it says none or cannot be read. */
const orientationIn = (exif: Buffer): number => {
  try {
    const little = exif.toString('latin1', 0, 2) === 'II'
    const two = (at: number): number => (little ? exif.readUInt16LE(at) : exif.readUInt16BE(at))
    const first = little ? exif.readUInt32LE(4) : exif.readUInt32BE(4)
    for (let i = 0; i < two(first); i += 1) {
      const at = first + 2 + i * 12
      if (two(at) === 0x0112) return two(at + 8) >= 1 && two(at + 8) <= 8 ? two(at + 8) : 1
    }
    return 1
  } catch {
    return 1
  }
}
