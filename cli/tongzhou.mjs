#!/usr/bin/env node
// The command line's first step, in plain JavaScript: it looks whether this machine is ready, and says what to do if not.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`需要 Node.js 20.19 以上，现在是 ${process.versions.node}。Node.js 20.19 or newer is needed.\n`)
  process.exit(2)
}
if (!existsSync(fileURLToPath(new URL('../node_modules/tsx', import.meta.url)))) {
  process.stderr.write('还没有安装：请先运行 npm start 或 npm ci。Not installed yet: run npm start or npm ci first.\n')
  process.exit(2)
}
const { load } = await import('../server/load.mjs')
const { main } = await load(new URL('./tongzhou.ts', import.meta.url))
process.exit(await main(process.argv.slice(2)))
