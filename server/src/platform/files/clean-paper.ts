import { Worker } from 'node:worker_threads'
import { refuse } from '#kernel/result.ts'
import { imageHead } from './image-head.ts'
import type { PaperJob, PaperSaid } from './paper-worker.ts'

// Papers are looked at in threads of their own, two at most: a photo unpacked is hundreds of megabytes. One that has done its
// work waits for the next; one that met a paper it could not finish is ended with all that it held.
const idle: Worker[] = []
const waiting: (() => void)[] = []
const mostAtOnce = 2
let atWork = 0
const longestMs = 30_000
/** Memory once taken by the decoder is given back only by ending the thread. */
const heavyPixels = 16_000_000

const startThread = (): Worker => {
  const worker = new Worker(new URL('./paper-worker.mjs', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const forget = () => {
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1)
  }
  worker.on('error', forget)
  worker.on('exit', forget)
  return worker
}

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
  const worker = idle.pop() ?? startThread()
  worker.ref()
  const { answer, finished } = await answerOf(worker, { bytes: new Uint8Array(bytes), mediaType }, withinMs)
  worker.unref()
  const head = imageHead(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), mediaType)
  const isHeavy = head !== undefined && head.width * head.height > heavyPixels
  if (finished && !isHeavy && idle.length < mostAtOnce) idle.push(worker)
  else await worker.terminate()
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
