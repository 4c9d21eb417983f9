// The thread's entry in plain JavaScript: a thread does not inherit the loader that understands TypeScript.
import { load } from '../../../load.mjs'

await load(new URL('./worker.ts', import.meta.url))
