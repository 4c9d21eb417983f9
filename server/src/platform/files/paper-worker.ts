import { parentPort } from 'node:worker_threads'
import type { Refused, Result } from '#kernel/result.ts'
import type { Cleaned } from './image.ts'
import type { PaperType } from './media-type.ts'

export interface PaperJob {
  readonly bytes: Uint8Array
  readonly mediaType: PaperType
}
/** null: it is kept as it was handed in */
export type PaperSaid = Result<Cleaned | null, Refused>

// What is packed in a PDF is unpacked into arrays of this kind, and may say that it is a thousand times as much: the memory
// limit of a thread does not count them. Set before the library is loaded, for it remembers the kind.
const mostUnpacked = 64 * 1024 * 1024
const Plain = globalThis.Uint8Array
globalThis.Uint8Array = new Proxy(Plain, {
  construct: (of, given, maker) => {
    if (typeof given[0] === 'number' && given[0] > mostUnpacked) throw new RangeError('unpacks to too much')
    return Reflect.construct(of, given, maker === globalThis.Uint8Array ? of : maker)
  },
})

parentPort?.on('message', async ({ bytes, mediaType }: PaperJob) => {
  const paper = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const look = async (): Promise<PaperSaid> =>
    mediaType === 'application/pdf'
      ? (await import('./pdf.ts')).lookIntoPdf(paper)
      : (await import('./image.ts')).encodeAnew(paper, mediaType)
  parentPort?.postMessage(await look())
})
