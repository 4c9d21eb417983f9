import { parentPort, workerData } from 'node:worker_threads'
import type { SheetKind } from './guard.ts'
import { refusalOf, rowsOf } from './parse.ts'

const read = async (): Promise<void> => {
  const { kind, bytes } = workerData as { kind: SheetKind; bytes: Uint8Array }
  for await (const rows of rowsOf(kind, bytes)) parentPort?.postMessage({ rows })
  parentPort?.postMessage({ end: true })
}

read().catch((error: unknown) => parentPort?.postMessage({ refused: refusalOf(error) }))
