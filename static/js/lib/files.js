/** What can be said about chosen files before a byte is sent. Pure; used by the upload forms. */

const MEGABYTE = 1024 * 1024;

/**
 * A size for people: 0 bytes, 340 KB, 12.4 MB, 1.2 GB.
 * @param {number} bytes
 * @returns {string}
 */
export function sizeWords(bytes) {
  if (bytes < 1024) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  if (bytes < MEGABYTE) return `${Math.round(bytes / 1024)} KB`;
  if (bytes < 1024 * MEGABYTE) return `${(bytes / MEGABYTE).toFixed(1)} MB`;
  return `${(bytes / MEGABYTE / 1024).toFixed(1)} GB`;
}

/**
 * Why a file will not be taken, or "" if nothing speaks against it yet.
 * @param {{size: number}} file
 * @param {number} limit in bytes
 * @returns {string}
 */
export function fileProblem(file, limit) {
  if (file.size === 0) return "This file is empty: 0 bytes. Choose the recording again.";
  if (file.size > limit) return `This file is larger than ${sizeWords(limit)}, the limit here.`;
  return "";
}

/**
 * Why the files together cannot be sent in one go, or "".
 * @param {{size: number}[]} files
 * @param {number} limit in bytes
 * @returns {string}
 */
export function togetherProblem(files, limit) {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (files.length < 2 || total <= limit) return "";
  return `Together these are ${sizeWords(total)}; ${sizeWords(limit)} can be sent at once.`;
}

/**
 * How far the sending is, in words.
 * @param {number} loaded bytes sent
 * @param {number} total bytes to send; 0 if unknown
 * @returns {string}
 */
export function sendingWords(loaded, total) {
  if (!total) return `Sending, ${sizeWords(loaded)} so far`;
  if (loaded >= total) return "Sent. The server is checking the recording";
  const percent = Math.floor((loaded / total) * 100);
  return `Sending, ${percent} %: ${sizeWords(loaded)} of ${sizeWords(total)}`;
}
