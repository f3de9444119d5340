/**
 * Several recordings on one time axis. Pure; used by the player.
 * @typedef {{src: string, start: number, end: number | null}} Track times in milliseconds, in order
 */

/**
 * The track that covers a position, and the place in it; a gap belongs to the track after it.
 * @param {Track[]} tracks
 * @param {number} position milliseconds from the start of the conversation
 * @returns {{index: number, seconds: number} | null} null if there are no tracks
 */
export function locate(tracks, position) {
  if (tracks.length === 0) return null;
  for (const [index, track] of tracks.entries()) {
    const end = track.end ?? tracks[index + 1]?.start ?? Infinity;
    if (position < end) return { index, seconds: Math.max(position - track.start, 0) / 1000 };
  }
  const last = tracks.length - 1;
  const { start, end } = tracks[last];
  return { index: last, seconds: Math.max((end ?? start) - start, 0) / 1000 };
}

/**
 * The position on the conversation's axis of a place in a track.
 * @param {Track} track
 * @param {number} seconds
 * @returns {number} milliseconds
 */
export function positionOf(track, seconds) {
  return Math.round(track.start + seconds * 1000);
}
