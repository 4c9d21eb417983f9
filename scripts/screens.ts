// npx tsx scripts/screens.ts ADDRESS FOLDER [FILE.html …]: the pages as people see them, on a phone, a desk and on paper.
import { mkdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [address, folder, ...files] = process.argv.slice(2)
if (!address || !folder) {
  process.stderr.write('用法 usage: npx tsx scripts/screens.ts http://127.0.0.1:8720 文件夹 [公示.html …]\n')
  process.exit(2)
}
await mkdir(folder, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
const pages = [
  ...['/', '/reference'].map((path) => ({ name: path === '/' ? 'public' : path.slice(1), url: address + path })),
  ...files.map((file) => ({ name: basename(file, '.html'), url: pathToFileURL(resolve(file)).href })),
]
for (const { name, url } of pages) {
  for (const [size, width] of [
    ['phone', 390],
    ['desk', 1280],
  ] as const) {
    const page = await browser.newPage({ viewport: { width, height: 900 } })
    await page.goto(url)
    if (name === 'reference')
      for (const details of (await page.locator('details').all()).slice(0, 3))
        await details.evaluate((element) => element.setAttribute('open', ''))
    const tooWide = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth')
    if (tooWide) process.stdout.write(`${name} ${size}: wider than the screen\n`)
    await page.screenshot({ path: join(folder, `${name}-${size}.png`), fullPage: name !== 'reference' })
    await page.close()
  }
  const page = await browser.newPage()
  await page.goto(url)
  await page.pdf({ path: join(folder, `${name}.pdf`), format: 'A4', preferCSSPageSize: true })
  await page.close()
}
await browser.close()
