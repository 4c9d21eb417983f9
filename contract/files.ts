import type { Refusals } from './refusals.ts'

export const filesRefusals = {
  file_kind_not_taken: { http: 415, zh: '这种文件不能作为材料。请上传 PDF、JPG、PNG 或 WebP，表格请用 xlsx 或 csv。' },
  file_too_large: { http: 413, zh: '文件超过 {mb} MB，请压缩或分开后再上传。' },
} satisfies Refusals
