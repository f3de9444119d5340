/** Which line of the transcript is being spoken. Pure; used by the conversation screen. */

/**
 * The index of the last line that starts at or before a position, -1 if none does.
 * @param {number[]} starts ascending, in milliseconds
 * @param {number} position in milliseconds
 * @returns {number}
 */
export function lineAt(starts, position) {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= position) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
