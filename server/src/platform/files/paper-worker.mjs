// The worker's entry in plain JavaScript: a worker thread does not inherit the loader that understands TypeScript.
import { register } from 'tsx/esm/api'

register()
await import('./paper-worker.ts')
