/**
 * Several recordings on one time axis. Pure; used by the player.
 * @typedef {{src: string, name: string, start: number, end: number | null}} Track
 *   times in milliseconds, in order; `end` is null if it is not known
 */

/**
 * The track that covers a position, and the place in it: the last one that has begun, as a file
 * may be longer than its part of the conversation. A gap belongs to the track after it.
 * @param {Track[]} tracks
 * @param {number} position milliseconds from the start of the conversation
 * @returns {{index: number, seconds: number} | null} null if there are no tracks
 */
export function locate(tracks, position) {
  if (tracks.length === 0) return null;
  const next = tracks.findIndex((track) => track.start > position);
  const index = Math.max((next < 0 ? tracks.length : next) - 1, 0);
  const { start, end } = tracks[index];
  if (next > 0 && isOver(tracks[index], position)) return { index: next, seconds: 0 };
  const place = Math.min(position, end ?? Infinity) - start;
  return { index, seconds: Math.max(place, 0) / 1000 };
}

/**
 * Whether there is a track to be heard at a position: what was handed over as a text or as an
 * address has none.
 * @param {Track[]} tracks
 * @param {number} position milliseconds from the start of the conversation
 * @returns {boolean}
 */
export function covers(tracks, position) {
  return tracks.some((track) => track.start <= position && !isOver(track, position));
}

/**
 * Whether a position lies at or behind the end of a track, though its file may go on.
 * @param {Track} track
 * @param {number} position milliseconds from the start of the conversation
 * @returns {boolean}
 */
export function isOver(track, position) {
  return track.end !== null && position >= track.end;
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
