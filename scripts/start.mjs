// npm start: installs what is missing, then starts the server in this process.
import { install } from './install.mjs'

install()
const { register } = await import('tsx/esm/api')
register()
await import('../server/src/main.ts')
