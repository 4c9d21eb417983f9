import { PhotonImage } from '@silvia-odwyer/photon-node'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { imageHead } from './image-head.ts'
import type { PaperType } from './media-type.ts'

/** set by us, to be checked: what a phone takes at its fullest; decoded it is two hundred megabytes */
export const mostMegapixels = 50
const quality = 85

export interface Cleaned {
  readonly bytes: Uint8Array
  readonly mediaType: PaperType
}

/**
 * An image decoded and encoded anew: upright, and without where and by which camera it was taken, or anything that was hidden
 * in it or behind it. A PNG stays one, for its text is sharp; what a camera took becomes a JPEG.
 */
export const encodeAnew = (bytes: Buffer, type: PaperType): Result<Cleaned, Refused> => {
  const head = imageHead(bytes, type)
  if (!head || head.width * head.height === 0) return refuse({ code: 'paper_broken' })
  if (head.width * head.height > mostMegapixels * 1_000_000)
    return refuse({ code: 'image_too_many_pixels', most: mostMegapixels })
  try {
    let image = PhotonImage.new_from_byteslice(bytes)
    const [width, height] = [image.get_width(), image.get_height()]
    if (width !== head.width || height !== head.height) return refuse({ code: 'paper_broken' })
    if (head.orientation > 1 || type === 'image/webp') {
      const pixels = image.get_raw_pixels()
      image.free()
      if (type === 'image/webp') putOnWhite(pixels)
      const upright = turn({ pixels: new Uint32Array(pixels.buffer), width, height }, head.orientation)
      image = new PhotonImage(new Uint8Array(upright.pixels.buffer), upright.width, upright.height)
    }
    const anew =
      type === 'image/png'
        ? { bytes: image.get_bytes(), mediaType: type }
        : { bytes: image.get_bytes_jpeg(quality), mediaType: 'image/jpeg' as const }
    image.free()
    return ok(anew)
  } catch {
    return refuse({ code: 'paper_broken' }) // the decoder stopped in its sandbox
  }
}

/** A JPEG knows no glass: what can be seen through is white paper. */
const putOnWhite = (pixels: Uint8Array): void => {
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3] ?? 255
    if (alpha === 255) continue
    for (let i = at; i < at + 3; i += 1) pixels[i] = Math.round(((pixels[i] ?? 0) * alpha + 255 * (255 - alpha)) / 255)
    pixels[at + 3] = 255
  }
}

export interface Picture {
  readonly pixels: Uint32Array
  readonly width: number
  readonly height: number
}

/** A picture as it was seen, by how the camera was held: EXIF 1 is upright, 6 and 8 a phone on its side. */
export const turn = (picture: Picture, orientation: number): Picture => {
  if (orientation <= 1) return picture
  const { pixels, width, height } = picture
  const onItsSide = orientation >= 5
  const fromRight = [2, 3, 7, 8].includes(orientation)
  const fromBelow = [3, 4, 6, 7].includes(orientation)
  const [newWidth, newHeight] = onItsSide ? [height, width] : [width, height]
  const turned = new Uint32Array(pixels.length)
  for (let y = 0, to = 0; y < newHeight; y += 1)
    for (let x = 0; x < newWidth; x += 1, to += 1) {
      const [fromX, fromY] = onItsSide ? [y, x] : [x, y]
      turned[to] =
        pixels[(fromBelow ? height - 1 - fromY : fromY) * width + (fromRight ? width - 1 - fromX : fromX)] ?? 0
    }
  return { pixels: turned, width: newWidth, height: newHeight }
}
