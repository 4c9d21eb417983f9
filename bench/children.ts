// Processes of a benchmark: each with a heap of its own, spoken to by messages.
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

const children: ChildProcess[] = []
const heard = (child: ChildProcess): Promise<unknown> =>
  new Promise((done, fail) => {
    const ended = () => fail(new Error('a process of the benchmark ended'))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      done(message)
    })
  })
/** Starts a file of this folder as a process of its own, and waits until it listens. */
export const start = async (file: string): Promise<ChildProcess> => {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  children.push(child)
  await heard(child)
  return child
}
/** Tells a process what to do, and gives what it answers. */
export const tell = async <T>(child: ChildProcess, what: object): Promise<T> => {
  child.send(what)
  return (await heard(child)) as T
}

export const endAll = (): void => {
  for (const child of children) child.disconnect()
}
