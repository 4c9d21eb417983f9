export { backup } from './backup.ts'
export { BackupRefused, type Manifest } from './format.ts'
export { type Checked, checkBackup, restore } from './restore.ts'
