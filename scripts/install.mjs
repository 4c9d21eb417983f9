// Installs what the lock file asks for, once: `npm start` and `npm test` call it first. Plain Node, nothing needed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

export const install = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(
      `需要 Node.js 20.19 以上，现在是 ${process.versions.node}。Node.js 20.19 or newer is needed.\n`,
    )
    process.exit(2)
  }
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex')
  const mark = `${root}node_modules/.tongzhou-lock`
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return
  process.stdout.write('正在安装依赖（npm ci），第一次约需一分钟…… Installing what is missing…\n')
  const npm = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []]
  const done = spawnSync(npm[0], [...npm[1], 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (done.status !== 0) {
    process.stderr.write(
      '安装没有成功：请检查网络后再试一次。The installation failed: check the network and try again.\n',
    )
    process.exit(done.status ?? 1)
  }
  mkdirSync(`${root}node_modules`, { recursive: true })
  writeFileSync(mark, lock)
}
