import { parentPort } from 'node:worker_threads'
import { refusalOf, rowsOf } from './parse.ts'
import { type ReadJob, type ReadSaid, rowWork } from './row-work.ts'

const say = (said: ReadSaid<unknown>): void => parentPort?.postMessage(said)

const read = async ({ kind, bytes, work }: ReadJob): Promise<void> => {
  const each = await rowWork<unknown>(work)
  const batches = rowsOf(kind, bytes)
  for (;;) {
    const { done, value } = await batches.next()
    if (done) return say({ rows: 0, answers: each([], true), last: value })
    say({ rows: value.length, answers: each(value, false), last: null })
  }
}

// One file at a time; the next may follow.
parentPort?.on('message', (job: ReadJob) => {
  read(job).catch((error: unknown) => say({ refused: refusalOf(error) }))
})
