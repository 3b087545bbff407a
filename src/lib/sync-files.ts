import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Waits until a file's contents are on the disk. */
export function syncFile(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A file is only as durable as the name it is found by: waits for a folder's entries. */
export function syncFolder(folder: string): void {
  // Windows opens no folders; its file systems keep the order by themselves.
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
