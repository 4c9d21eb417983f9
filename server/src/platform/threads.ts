import { type ResourceLimits, Worker } from 'node:worker_threads'

/** How many threads of a kind wait for their next work; starting one takes as long as reading ten thousand rows. */
const mostIdle = 2

/** Worker threads of one kind, with limited memory: one that has done its work in good order waits for the next. */
export const threads = (entry: URL, limits: ResourceLimits) => {
  const idle: Worker[] = []
  const start = (): Worker => {
    const worker = new Worker(entry, { resourceLimits: limits })
    const forget = () => {
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1)
    }
    worker.on('error', forget)
    worker.on('exit', forget)
    return worker
  }
  return {
    /** A thread that keeps the process alive until it is given back. */
    take: (): Worker => {
      const worker = idle.pop() ?? start()
      worker.ref()
      return worker
    },
    giveBack: async (worker: Worker, inGoodOrder: boolean): Promise<void> => {
      worker.unref()
      if (inGoodOrder && idle.length < mostIdle) idle.push(worker)
      else await worker.terminate()
    },
  }
}
