import type { Worker } from 'node:worker_threads'
import { refuse } from '#kernel/result.ts'
import { threads } from '../threads.ts'
import { imageHead } from './image-head.ts'
import type { PaperJob, PaperSaid } from './paper-worker.ts'

// Papers are looked at in threads of their own, two at most: a photo unpacked is hundreds of megabytes. One that met a paper it
// could not finish is ended with all that it held.
const lookers = threads(new URL('./paper-worker.mjs', import.meta.url), { maxOldGenerationSizeMb: 512 })
const waiting: (() => void)[] = []
const mostAtOnce = 2
let atWork = 0
const longestMs = 30_000
/** Memory once taken by the decoder is given back only by ending the thread. */
const heavyPixels = 16_000_000

const turn = async <T>(work: () => Promise<T>): Promise<T> => {
  if (atWork >= mostAtOnce) await new Promise<void>((go) => waiting.push(go))
  else atWork += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else atWork -= 1
  }
}

/** A paper as it may be kept: an image encoded anew, a PDF that was looked into; or why it is not taken. */
export const cleanPaper = (job: PaperJob, withinMs = longestMs): Promise<PaperSaid> =>
  turn(() => cleaned(job, withinMs))

const cleaned = async ({ bytes, mediaType }: PaperJob, withinMs: number): Promise<PaperSaid> => {
  const worker = lookers.take()
  const { answer, finished } = await answerOf(worker, { bytes: new Uint8Array(bytes), mediaType }, withinMs)
  const head = imageHead(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), mediaType)
  const isHeavy = head !== undefined && head.width * head.height > heavyPixels
  await lookers.giveBack(worker, finished && !isHeavy)
  return answer
}

interface Said {
  readonly answer: PaperSaid
  /** whether the thread came to its end in good order */
  readonly finished: boolean
}

const answerOf = (worker: Worker, job: PaperJob, withinMs: number): Promise<Said> =>
  new Promise((done) => {
    const timer = setTimeout(() => stopped('paper_too_heavy'), withinMs)
    const finish = (said: Said): void => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      done(said)
    }
    const stopped = (code: string): void => finish({ answer: refuse({ code }), finished: false })
    // A decoder that stopped in the middle has left its memory as it was then.
    const onMessage = (answer: PaperSaid): void =>
      finish({ answer, finished: answer.ok || job.mediaType === 'application/pdf' })
    const onError = (error: NodeJS.ErrnoException): void =>
      stopped(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'paper_too_heavy' : 'paper_broken')
    const onExit = (): void => stopped('paper_broken')
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage(job, [job.bytes.buffer as ArrayBuffer])
  })
