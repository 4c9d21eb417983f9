import type { Refusals } from './refusals.ts'

export const filesRefusals = {
  file_kind_not_taken: {
    http: 415,
    zh: '这种文件不能作为材料。请上传 PDF、JPG、PNG 或 WebP；表格和 OFD 请先另存为 PDF，苹果手机的 HEIC 照片请先转成 JPG。',
  },
  file_too_large: { http: 413, zh: '文件超过 {mb} MB，请压缩或分开后再上传。' },
  paper_broken: { http: 422, zh: '这个文件打不开，可能没有传完整。请重新拍照、扫描，或打印成 PDF 后再上传。' },
  paper_hides_another: {
    http: 422,
    zh: '这个文件里还藏着另一种文件，不能收。请重新拍照、扫描，或打印成 PDF 后再上传。',
  },
  paper_too_heavy: { http: 422, zh: '这个文件太复杂，半分钟内没能查完。请重新拍照、扫描，或打印成 PDF 后再上传。' },
  image_too_many_pixels: { http: 413, zh: '照片超过 {most} 百万像素。请用手机相机的普通模式重拍，或缩小后再上传。' },
  pdf_too_many_pages: {
    http: 422,
    zh: '这份 PDF 有 {pages} 页，最多收 {most} 页。请只交需要的那些页，或分成几份上传。',
  },
  pdf_locked: { http: 422, zh: '这份 PDF 要密码才能打开。请先去掉密码，或打印成新的 PDF 后再上传。' },
  pdf_active: { http: 422, zh: '这份 PDF 里有会自己动作的内容（{what}），不能收。请打印成新的 PDF，或拍照上传。' },
  pdf_encloses_file: {
    http: 422,
    zh: '这份 PDF 里夹带了别的文件（电子票据自带的 XML 除外），不能收。请打印成新的 PDF，夹带的材料另外上传。',
  },
  paper_infected: {
    http: 422,
    zh: '病毒扫描在这个文件里查出 {what}，没有收下。请在安全的电脑上重新扫描或打印成 PDF，并请管理员看看这台设备。',
  },
  scanner_not_there: { http: 503, zh: '病毒扫描暂时没有应答，材料没有收下，其他都没有变。请过几分钟再上传。' },
} satisfies Refusals
