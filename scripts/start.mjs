// npm start: installs what is missing, builds what is not built, then starts the server in this process.
import { install } from './install.mjs'

install()
const { build } = await import('./build.mjs')
await build()
const { load } = await import('../server/load.mjs')
await load(new URL('../server/src/main.ts', import.meta.url))
